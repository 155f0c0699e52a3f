/** What a reviewer sees at the command line, and what their key signs. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parseEnvelope } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { parseDecision, subjectDigest } from '../oversight/index.ts'
import type { DecisionStatement, HoldSubject } from '../oversight/index.ts'
import { sampleSubject } from '../oversight/sample-hold.fixture.ts'
import { holds } from './holds.ts'
import { runCommand, startPeople } from './people.fixture.ts'
import type { People } from './people.fixture.ts'

let people: People
/** The sequencer's clock stands in the past; a hold of these tests ends when this machine's clock says so. */
const hour = { expires: Date.now() + 3_600_000 }
before(async () => {
  people = await startPeople()
})
after(() => people[Symbol.asyncDispose]())

const run = async (as: string, ...args: readonly string[]) =>
  runCommand(holds, [...args, '--key', await people.keyFile(as), ...people.socket])

test('holds lists what waits for this reviewer, and says where nothing does', async () => {
  const { hold } = await people.stage.hold({ ...hour, asks: ['two-person'] })
  const { code, out, err } = await run('ada')
  assert.deepEqual([code, err], [0, ''])
  assert.match(
    out,
    new RegExp(`^${hold}  waiting   sample@1 4\\.2#1 \\(request\\)  two-person 0/2  until 20`, 'm'),
  )
  const { holds: listed } = JSON.parse((await run('ada', '--json')).out) as { holds: { id: string }[] }
  assert.ok(listed.some(({ id }) => id === hold))
  assert.equal((await run('far')).out, 'no hold waits for this reviewer\n')
})

test('holds show prints the call, the clause and the digest that was computed here', async () => {
  const subject = await people.stage.hold(hour)
  const { code, out } = await run('ada', 'show', subject.hold)
  assert.equal(code, 0)
  for (const part of [
    subject.caller,
    'Sending waits',
    'Post the letter.',
    'two-person 0/2',
    '2 persons; still missing: 2 persons',
    subjectDigest(subject),
  ]) {
    assert.ok(out.includes(part), part)
  }
  assert.ok(out.indexOf('holds deny') < out.indexOf('holds approve'), 'denial stands first')
})

test('holds show lets no text of the call act on the terminal', async () => {
  const content = 'fine\u001b[2J\u202egnitteg\u200b\u009b31m'
  const request: Json = { messages: [{ role: 'user', content }] }
  const { hold } = await people.stage.hold({ ...hour, request, purpose: 'care\nunit  another' })
  for (const args of [
    ['show', hold],
    ['approve', hold, '--reason', 'So be it.'],
  ]) {
    const { out } = await run('ada', ...args)
    assert.doesNotMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
    assert.match(out, /\\u001b\[2J\\u\{202E\}gnitteg\\u\{200B\}\\u\{009B\}31m/)
    assert.match(out, /care\\u\{000A\}unit {2}another/)
  }
})

test('two reviewers approve, each once; one denies', async () => {
  const { hold } = await people.stage.hold({ ...hour, asks: ['two-person'] })
  const first = await run('ada', 'approve', hold, '--reason', 'It is what the unit is for.')
  assert.deepEqual([first.code, first.err], [0, ''])
  assert.match(first.out, /approved, entry \d+: it waits for further approvals\n$/)
  const again = await run('ada-again', 'approve', hold, '--reason', 'Once more.')
  assert.equal(again.code, 1)
  assert.match(again.err, /^servanda: CLI_REFUSED: REVIEW_TWICE: /)
  const second = await run('ben', 'approve', hold, '--reason', 'I agree.', '--json')
  const { state, digest } = JSON.parse(second.out) as { state: string; digest: string }
  assert.equal(state, 'approved')
  assert.match(digest, /^sha256:/)
  const denied = await people.stage.hold(hour)
  assert.match(
    (await run('ben', 'deny', denied.hold, '--reason', 'No.')).out,
    /denied, entry \d+: the call is denied\n$/,
  )
})

test('--subject holds a decision to what was shown before', async () => {
  const subject = await people.stage.hold(hour)
  const decide = (digest: string) =>
    run('ada', 'approve', subject.hold, '--reason', 'As shown.', '--subject', digest)
  const other = await decide(`sha256:${'0'.repeat(64)}`)
  assert.deepEqual([other.code, other.out], [2, ''])
  assert.match(other.err, /CLI_UNANSWERED: what is held is not what was shown before/)
  assert.equal((await decide(subjectDigest(subject))).code, 0)
})

const usages: readonly (readonly [readonly string[], RegExp])[] = [
  [['list', 'hold_1'], /`hold_1` is more than `list` takes/],
  [['show'], /ID is missing/],
  [['approve', 'hold_1'], /--reason is missing|CONTROL_NOT_FOUND/],
  [['release', 'hold_1'], /`release` is none of/],
  [['list', '--demo-key', 'ada'], /one of --key FILE, --signer FILE and --demo-key NAME/],
]
for (const [args, message] of usages) {
  test(`holds ${args.join(' ')} says what is wrong`, async () => {
    const { code, err } = await run('ada', ...args)
    assert.notEqual(code, 0)
    assert.match(err, message)
  })
}

test('whoever is not enrolled is told nothing, and a demonstration key is called one', async () => {
  const { code, out, err } = await runCommand(holds, ['--demo-key', 'nobody', ...people.socket])
  assert.deepEqual([code, out], [1, ''])
  assert.match(err, /^DEMONSTRATION: .*\n.*CLI_REFUSED: CONTROL_CREDENTIAL/)
})

test('holds says that no gate runs where none does', async () => {
  const socket = join(people.home, 'absent.sock')
  const { code, err } = await runCommand(holds, ['--demo-key', 'ada', '--socket', socket])
  assert.equal(code, 2)
  assert.match(err, /CLI_UNANSWERED: no answer from .*absent\.sock`: no gate runs there/)
})

test('holds --json gives one object where the gate refuses', async () => {
  const { hold } = await people.stage.hold(hour)
  const args = ['deny', hold, '--reason', 'No.', '--json'] as const
  assert.equal((await run('ben', ...args)).code, 0)
  const { code, out, err } = await run('ben', ...args)
  const { ok, error } = JSON.parse(out) as { ok: boolean; error: { code: string; message: string } }
  assert.deepEqual([code, ok, error.code], [1, false, 'CONTROL_NOT_FOUND'])
  assert.equal(err, `servanda: CLI_REFUSED: ${error.code}: ${error.message}\n`)
})

/** A gate that answers `show` as it likes and keeps what is signed then. */
async function lyingGate(shown: (subject: HoldSubject) => object) {
  const home = await mkdtemp(join(tmpdir(), 'servanda-lie-'))
  const socketPath = join(home, 'c.sock')
  const decisions: DecisionStatement[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      if (request.url === '/v1/standing') {
        const { origin } = sampleSubject
        response.end(
          JSON.stringify({ origin, agreements: [], announced: [], reviewers: 1, checkpoint: null }),
        )
        return
      }
      if (request.method === 'GET') {
        response.end(JSON.stringify(shown(sampleSubject)))
        return
      }
      const { envelope } = JSON.parse(Buffer.concat(chunks).toString()) as { envelope: unknown }
      decisions.push(parseDecision(parseEnvelope(envelope).payload))
      response.end(JSON.stringify({ verdict: 'approve', seq: 1, receipt: 'r', state: 'approved' }))
    })
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return {
    socketPath,
    decisions,
    async [Symbol.asyncDispose]() {
      server.close()
      await rm(home, { recursive: true })
    },
  }
}

const level = {
  id: 'two-person',
  title: 'Two',
  persons: 2,
  approved: 0,
  asks: '2 persons',
  missing: '2 persons',
  yours: true,
}
const shownOf = (subject: HoldSubject) => ({
  id: subject.hold,
  agreement: { id: 'sample', version: 1 },
  stage: subject.stage,
  rules: subject.rules,
  state: 'waiting',
  levels: [level],
  expires: '2026-01-05T08:00:00.000Z',
  subject,
  clauses: [{ rule: '4.2#1', clause: '4.2', title: 'Sending waits', text: 'It waits.' }],
})
const approving = (socket: string) =>
  runCommand(holds, ['approve', 'hold_1', '--demo-key', 'ada', '--reason', 'Yes.', '--socket', socket])

test('what is signed is the digest of what was shown here, whatever digest the gate names', async () => {
  const other = `sha256:${'9'.repeat(64)}`
  await using gate = await lyingGate((subject) => {
    const changed = { ...subject, purpose: 'admin' }
    return { ...shownOf(changed), digest: other, levels: [level, { ...level, id: 'owner' }] }
  })
  const { code, out } = await approving(gate.socketPath)
  assert.equal(code, 0)
  assert.match(out, /purpose +admin/)
  const [signed] = gate.decisions
  assert.equal(signed?.subject, subjectDigest({ ...sampleSubject, purpose: 'admin' }))
  assert.deepEqual(signed.levels, ['two-person'], 'and no level that the hold does not ask')
})

test('nothing is signed when the gate shows another hold than was asked for', async () => {
  await using gate = await lyingGate((subject) => {
    return shownOf({ ...subject, hold: 'hold_2' })
  })
  const { code, err } = await approving(gate.socketPath)
  assert.equal(code, 2)
  assert.match(err, /another hold than was asked for/)
  assert.deepEqual(gate.decisions, [])
})

test('nothing is signed when the gate shows a hold of another log than its own', async () => {
  await using gate = await lyingGate((subject) => shownOf({ ...subject, origin: 'other.example/log' }))
  const { code, err } = await approving(gate.socketPath)
  assert.equal(code, 2)
  assert.match(err, /a hold of another log/)
  assert.deepEqual(gate.decisions, [])
})

const withoutAnswer = { ...sampleSubject, answer: undefined }
const misshapen: readonly (readonly [string, object, RegExp])[] = [
  ['nothing', {}, /`id`: a text is needed/],
  ['no subject', { ...shownOf(sampleSubject), subject: {} }, /`subject\.v`: the member is missing/],
  ['no answer', { ...shownOf(sampleSubject), subject: withoutAnswer }, /`subject\.answer`/],
  [
    'more than is shown',
    { ...shownOf(sampleSubject), subject: { ...sampleSubject, more: 1 } },
    /`subject\.more`/,
  ],
  ['a text for a list', { ...shownOf(sampleSubject), levels: 'all' }, /`levels`: a list is needed/],
  ['a level that is none', { ...shownOf(sampleSubject), levels: [{}] }, /`levels\[0\]\.id`/],
  [
    'a time that is none',
    { ...shownOf(sampleSubject), subject: { ...sampleSubject, expires: 9e15 } },
    /`subject\.expires`/,
  ],
]
for (const [what, shown, message] of misshapen) {
  test(`nothing is signed when the gate shows ${what}`, async () => {
    await using gate = await lyingGate(() => shown)
    const { code, out, err } = await approving(gate.socketPath)
    assert.deepEqual([code, out, gate.decisions], [2, '', []])
    assert.match(err, /^servanda: CLI_UNANSWERED: the answer has not the documented form/m)
    assert.match(err, message)
    assert.doesNotMatch(err, /TypeError|\n +at /)
  })
}

test('holds lists nothing of a gate that answers nothing', async () => {
  await using gate = await lyingGate(() => ({}))
  const { code, out, err } = await runCommand(holds, ['--demo-key', 'ada', '--socket', gate.socketPath])
  assert.deepEqual([code, out], [2, ''])
  assert.match(err, /CLI_UNANSWERED: .*, `holds`: a list is needed\n$/)
})
