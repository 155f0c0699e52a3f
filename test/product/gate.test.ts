/** Two gates, two ledgers: what the agency's gate let out reaches the model once, and nothing else ever does. */
import assert from 'node:assert/strict'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { digestOf } from '../../src/base/index.ts'
import type { Difference } from '../../src/certificate/index.ts'
import {
  formatLeaf,
  formatReceipt,
  leafHash,
  parseVkey,
  readCheckpoint,
  signReceipt,
} from '../../src/ledger/index.ts'
import type { IntentLeaf } from '../../src/ledger/index.ts'
import { readLogSigner } from '../../src/process/key-files.ts'
import { commit } from '../../src/records/commitments.ts'
import { formatIntentReceipt } from '../../src/records/intent-receipt.ts'
import { sampleFields } from '../../src/records/sample-intent.ts'
import { chunk, hangAfter, openStream, say } from './model.ts'
import { audit, entriesOf, run, start, until } from './program.ts'
import type { Home } from './program.ts'
import { chat, post } from './stage.ts'
import { credential, openTwoGates } from './two-gates.ts'
import type { Sent, TwoGates } from './two-gates.ts'

/** A call at the provider's gate by somebody who reaches it: the administrator of the agency's machines. */
async function callDirectly(
  { gate }: TwoGates,
  body: Uint8Array | string,
  intent?: string,
): Promise<{ readonly status: number; readonly reason: string | null; readonly text: string }> {
  const response = await fetch(`${gate.program.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${credential}`,
      ...(intent === undefined ? {} : { 'servanda-intent': intent }),
    },
    body: typeof body === 'string' ? body : Buffer.from(body),
  })
  const text = await response.text()
  return { status: response.status, reason: response.headers.get('servanda-refusal'), text }
}

function intentOf({ headers }: Sent): string {
  const intent = headers['servanda-intent']
  assert.ok(typeof intent === 'string')
  return intent
}

/** How many calls the ledger of the gate says were turned away, by reason. */
function turnedAway({ gate }: TwoGates): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const leaf of entriesOf(gate.home)) {
    if (leaf.kind === 'turned-away') counts[leaf.reason] = (counts[leaf.reason] ?? 0) + leaf.count
  }
  return counts
}

for (const workers of ['1', '2']) {
  describe(`two gates, ${workers} worker(s) each`, () => {
    let gates: TwoGates
    let captured: Sent
    /** The index that a forged intent claimed for which the gate called the model. */
    let servedForgery: number
    before(async () => {
      gates = await openTwoGates(workers)
    })
    after(() => gates[Symbol.asyncDispose]())

    test('a call passes both, whole and streamed, and only the gate has the credential', async () => {
      const { agency, keys, model, wire, gate } = gates
      model.play = say('Gladly, ', 'at once.')
      for (const stream of [false, true]) {
        const { status, text } = await post(agency.program, keys.care, chat('Hello.', { stream }))
        assert.equal(status, 200, text)
        assert.match(text, stream ? /\[DONE\]/ : /Gladly, at once\./)
      }
      const [first] = wire.sent
      assert.ok(first && wire.sent.length === 2)
      captured = first
      assert.equal(first.headers.authorization, undefined)
      for (const { headers, body } of model.asked) {
        assert.equal(headers.authorization, `Bearer ${credential}`)
        assert.equal(headers['servanda-intent'], undefined)
        assert.ok(body.includes('Hello.'))
      }
      assert.equal(model.asked[0]?.body, first.body.toString(), 'byte for byte')
      const served = entriesOf(gate.home).filter(({ kind }) => kind === 'served' || kind === 'served-end')
      assert.deepEqual(
        served.map((leaf) => (leaf.kind === 'served-end' ? leaf.status : leaf.kind)),
        ['served', 'answered', 'served', 'answered'],
      )
    })

    test('the model is not reached past the agency’s gate, and every attempt is counted', async () => {
      const { model } = gates
      const asked = model.asked.length
      const before = turnedAway(gates)
      const intent = intentOf(captured)
      const changed = captured.body.toString().replace('Hello', 'Hullo')
      const attempts: readonly (readonly [string, Uint8Array | string, string?])[] = [
        ['missing', chat('Hello.')],
        ['missing', captured.body],
        ['false', captured.body, 'garbage'],
        ['reused', captured.body, intent],
        ['reused', captured.body, intent],
        ['altered', changed, intent],
        ['expired', captured.body, await forged(gates, captured.body, Date.now() - 120_000)],
        ['expired', captured.body, await forged(gates, captured.body, Date.now() + 120_000)],
        ['unlisted', captured.body, await forged(gates, captured.body, Date.now(), { route: 'nowhere' })],
        // As if an amendment were in force at the agency's gate alone.
        ['unlisted', captured.body, await forged(gates, captured.body, Date.now(), { text: digestOf('v9') })],
      ]
      for (const [reason, body, shown] of attempts) {
        const refused = await callDirectly(gates, body, shown)
        assert.deepEqual([refused.status, refused.reason], [403, reason], refused.text)
      }
      assert.equal(model.asked.length, asked, 'the model was asked for none of them')
      assert.deepEqual(before, {})
      assert.deepEqual(turnedAway(gates), {
        missing: 2,
        false: 1,
        reused: 2,
        altered: 1,
        expired: 2,
        unlisted: 2,
      })
    })

    test('of 20 at once with an intent that was not served yet, one is served', async () => {
      const { model } = gates
      model.play = say('Once.')
      const asked = model.asked.length
      servedForgery = forgedIndex
      const intent = await forged(gates, captured.body, Date.now())
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => callDirectly(gates, captured.body, intent)),
      )
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      assert.equal(answers.filter(({ reason }) => reason === 'reused').length, 19)
      assert.equal(model.asked.length, asked + 1)
      assert.equal(turnedAway(gates)['reused'], 21)
    })

    test('a caller that goes away ends the call at the model', async () => {
      const { agency, gate, keys, model } = gates
      const abandoned = model.abandoned()
      model.play = hangAfter('Once upon a time there was a clerk who had a question for her department. ')
      const leave = new AbortController()
      const asked = model.asked.length
      const going = fetch(`${agency.program.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${keys.care}`, 'content-type': 'application/json' },
        body: chat('Tell me.', { stream: true }),
        signal: leave.signal,
      })
      await until('the model is asked', () => model.asked.length > asked)
      leave.abort()
      await going
        .then(
          (response) => response.text(),
          () => null,
        )
        .catch(() => null)
      await until('the model is left', () => model.abandoned() > abandoned)
      await until('its end is written', () =>
        entriesOf(gate.home).some((leaf) => leaf.kind === 'served-end' && leaf.status === 'gone'),
      )
    })

    test('a gate that is killed in the middle of a call says so after its next start', async () => {
      const { agency, gate, keys, model } = gates
      const more = Promise.withResolvers<null>()
      model.play = async (_, response) => {
        openStream(response).write(chunk({ content: 'A long answer begins. ' }))
        await more.promise
        response.destroy()
      }
      const asked = model.asked.length
      const answer = post(agency.program, keys.care, chat('Tell me more.', { stream: true }))
      await until('the model is asked', () => model.asked.length > asked)
      await gate.program.kill()
      more.resolve(null)
      const { text, status } = await answer
      assert.ok(status >= 500 || text.includes('"error"'), `${status} ${text}`)
      assert.doesNotMatch(text, /\[DONE\]/)
      const failing = await post(agency.program, keys.care, chat('Hello.'))
      assert.equal(failing.status, 502, 'closed, and not past the gate')
      await gates.restartGate()
      const ends = entriesOf(gate.home).filter((leaf) => leaf.kind === 'served-end')
      assert.equal(ends.at(-1)?.status, 'interrupted')
      model.play = say('Gladly.')
      const again = await post(agency.program, keys.care, chat('Hello.'))
      assert.equal(again.status, 200, again.text)
      const replayed = await callDirectly(gates, captured.body, intentOf(captured))
      assert.equal(replayed.reason, 'reused', 'also over a start')
    })

    test('reconcile names what was served on forged promises, and the call whose entries are gone', async () => {
      const { agency, gate, keys, model } = gates
      model.play = say('Once more.')
      const taken = entriesOf(agency.home).findIndex(({ kind }) => kind === 'outcome')
      const forgedInPlace = await forged(gates, captured.body, Date.now(), { index: taken })
      assert.equal((await callDirectly(gates, captured.body, forgedInPlace)).status, 200)
      await published(agency.home)
      const older = join(agency.home.root, 'older-evidence')
      cpSync(evidenceOf(agency.home), older, { recursive: true })
      const answer = await post(agency.program, keys.care, chat('Hello.'))
      assert.equal(answer.status, 200, answer.text)
      await Promise.all([published(agency.home), published(gate.home)])
      const inFull = [
        ['another-entry', taken, `ex_forged_${taken}`],
        ['not-shown', servedForgery, `ex_forged_${servedForgery}`],
      ]
      assert.deepEqual(await reconciled(gates, evidenceOf(agency.home)), { code: 1, found: inFull })
      const gone = entriesOf(agency.home).findLast((leaf) => leaf.kind === 'intent')
      assert.ok(gone)
      assert.deepEqual(await reconciled(gates, older), {
        code: 1,
        found: [...inFull, ['not-shown', gone.seq, gone.exchange]],
      })
    })

    test('both ledgers verify, and hold no word of what was said', async () => {
      const { agency, gate } = gates
      assert.equal(await agency.program.stop(), 0)
      assert.equal(await gate.program.stop(), 0)
      await audit(agency.home)
      for (const home of [agency.home, gate.home]) {
        const { code, out, err } = await run(home, ['verify', join(home.data, 'evidence')])
        assert.equal(code, 0, out + err)
      }
      const database = readFileSync(join(gate.home.data, 'recorder.sqlite'))
      for (const word of ['Hello.', 'Hullo', 'Gladly', 'clerk-for-care', credential]) {
        assert.ok(!database.includes(word), word)
      }
      const [opening] = entriesOf(gate.home)
      assert.ok(opening?.kind === 'opened' && opening.role === 'gate')
    })

    test('reconcile names a call that the agency’s gate took past the other to the model', async () => {
      const { agency, keys, model } = gates
      model.play = say('From elsewhere.')
      const alone = await start(agency.home, [], { settings: { SERVANDA_WORKERS: workers } })
      const answer = await post(alone, keys.care, chat('Hello.'))
      assert.equal(await alone.stop(), 0)
      assert.equal(answer.status, 200, answer.text)
      const past = entriesOf(agency.home).findLast((leaf) => leaf.kind === 'intent')
      assert.ok(past)
      const later = new Date(past.time + 120_000).toISOString()
      const { code, found } = await reconciled(gates, evidenceOf(agency.home), '--gate-taken', later)
      assert.equal(code, 1)
      assert.deepEqual(
        found.filter(([, , exchange]) => !exchange?.toString().startsWith('ex_forged_')),
        [['answered-elsewhere', past.seq, past.exchange]],
      )
    })
  })
}

const evidenceOf = ({ data }: Home): string => join(data, 'evidence')

/** Waits for the checkpoint that covers every entry which is durable by now. */
async function published(home: Home): Promise<void> {
  const size = entriesOf(home).length
  await until('the checkpoint covers every entry', () => {
    return readCheckpoint(readFileSync(join(evidenceOf(home), 'checkpoint'), 'utf8')).size >= size
  })
}

/** What the command finds between this evidence of the agency and that of the gate, and how it ends. */
async function reconciled({ agency, gate }: TwoGates, evidence: string, ...more: readonly string[]) {
  const vkeys = ['--agency-vkey', join(evidenceOf(agency.home), 'log.vkey')]
  const { code, out, err } = await run(agency.home, [
    ...['reconcile', evidence, evidenceOf(gate.home), ...vkeys, ...more, '--json'],
  ])
  assert.equal(err, '')
  const { differences } = JSON.parse(out) as { differences: readonly Difference[] }
  return { code, found: differences.map(({ kind, entry, exchange }) => [kind, entry, exchange]) }
}

let forgedIndex = 1_000_000

/** What only whoever has the key of the agency's log can make: an intent receipt for an entry that may not stand there. */
async function forged(
  { agency: { home } }: TwoGates,
  body: Uint8Array,
  time: number,
  options: { readonly route?: string; readonly index?: number; readonly text?: string } = {},
): Promise<string> {
  const signer = readLogSigner({ logKey: join(home.keys, 'log.key') })
  const { name } = parseVkey(readFileSync(join(home.data, 'evidence', 'log.vkey'), 'utf8').trim())
  const real = entriesOf(home).find((leaf): leaf is IntentLeaf => leaf.kind === 'intent')
  assert.ok(real)
  const { route = 'general', index = forgedIndex++, text = real.text } = options
  const fields = sampleFields({ route, request: digestOf(body) })
  const { salts, hashes, root } = commit(fields)
  const leaf = { ...real, text, exchange: `ex_forged_${index}`, commitments: root }
  const entry = formatLeaf({ ...leaf, seq: index, time })
  const receipt = formatReceipt(
    await signReceipt({ origin: name, index, time, leafHash: leafHash(entry) }, signer),
  )
  return formatIntentReceipt({ leaf, receipt, fields, salts, hashes })
}
