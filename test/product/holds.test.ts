/** Held calls: people decide with their own keys, and what they approved runs once, byte for byte, or not at all. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { newPrivateKey, rawPublicKey } from '../../src/base/index.ts'
import { createPublicKey } from 'node:crypto'
import { callTool, initialise, sampleAgreement, say, startModel } from './model.ts'
import type { Keys, LocalModel } from './model.ts'
import { assertNotInClear, audit, entriesOf, makeHome, run, start } from './program.ts'
import type { Home, Program } from './program.ts'
import { chat, post } from './stage.ts'
import type { Answer } from './stage.ts'

const levels = '{ two-person: { persons: 2, clause: "2" }, official: { clause: "2" } }'
const args = '{"to":"the other unit","text":"Übermorgen, \\u00e4hnlich."}'
const request = chat('Please send the note.')

/** Reviewers: two who may decide together, a second key of the first, and one who is the clerk herself. */
const reviewers = ['ada', 'ada-again', 'ben', 'cleo', 'clerk'] as const
type Reviewer = (typeof reviewers)[number]

/** Roles and units, where a test asks a quorum of them. */
const places: Readonly<
  Partial<Record<Reviewer, { readonly roles: readonly string[]; readonly unit?: string }>>
> = {
  ada: { roles: ['counsel'] },
  'ada-again': { roles: ['reviewers'], unit: 'clinic' },
  ben: { roles: ['reviewers'], unit: 'intelligence' },
  cleo: { roles: ['reviewers'], unit: 'ward' },
}

/** `ofAll` is a level that all of them may approve. */
function enrol(home: Home, ofAll: readonly string[]): void {
  const list = reviewers.map((id) => {
    const key = newPrivateKey()
    writeFileSync(keyFile(home, id), key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
    return {
      id,
      title: `Reviewer ${id}`,
      person: id === 'ada-again' ? 'ada' : id,
      key: Buffer.from(rawPublicKey(createPublicKey(key))).toString('base64'),
      agreement: 'sample',
      levels: [...new Set([...(id === 'cleo' ? ['official'] : ['two-person', 'official']), ...ofAll])],
      ...places[id],
      ...(id === 'clerk' ? { callers: ['clerk-for-care'] } : {}),
    }
  })
  writeFileSync(join(home.data, 'reviewers.json'), JSON.stringify(list))
}

function keyFile(home: Home, id: Reviewer): string {
  return join(home.root, `${id}.pem`)
}

interface HoldsStage extends AsyncDisposable {
  readonly home: Home
  readonly model: LocalModel
  readonly keys: Keys
  readonly program: Program
  /** Exit code of the decision. */
  decide(id: Reviewer, verdict: 'approve' | 'deny', hold: string): Promise<number | null>
  restart(): Promise<void>
}

async function openHolds(
  workers: string,
  lines: Readonly<Record<string, string>> = { levels },
  ofAll: readonly string[] = [],
): Promise<HoldsStage> {
  await using opened = new AsyncDisposableStack()
  const home = opened.use(makeHome())
  const model = opened.use(await startModel())
  const keys = await initialise(home, model.baseUrl, sampleAgreement(model.baseUrl, lines))
  enrol(home, ofAll)
  const settings = { SERVANDA_WORKERS: workers }
  let program = await start(home, [], { settings })
  opened.defer(() => program.kill())
  const owned = opened.move()
  return {
    home,
    model,
    keys,
    get program() {
      return program
    },
    async decide(id, verdict, hold) {
      const command = ['holds', verdict, hold, '--key', keyFile(home, id), '--reason', 'I have read it.']
      return (await run(home, command)).code
    },
    async restart() {
      await program.kill()
      program = await start(home, [], { settings })
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function holdOf({ text }: Answer): string {
  const { error } = JSON.parse(text) as { error: { servanda: { hold: { id: string } } } }
  return error.servanda.hold.id
}

function clausesOf({ text }: Answer): readonly string[] {
  const { error } = JSON.parse(text) as { error: { servanda: { clauses: { id: string }[] } } }
  return error.servanda.clauses.map(({ id }) => id)
}

for (const workers of ['1', '2']) {
  describe(`a held call with ${workers} worker(s)`, () => {
    let stage: HoldsStage
    before(async () => {
      stage = await openHolds(workers)
    })
    after(() => stage[Symbol.asyncDispose]())

    const ask = (body = request, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
      post(stage.program, stage.keys.care, body, headers)
    const redeem = (hold: string, body = request): Promise<Answer> => ask(body, { 'servanda-hold': hold })
    const refusedAs = (answer: Answer, clause: string): void => {
      assert.equal(answer.status, 403, answer.text)
      assert.deepEqual(clausesOf(answer), [clause])
    }
    /** A tool call that waits, of a message of its own. */
    const hold = async (body: string): Promise<string> => {
      stage.model.play = callTool('post', args)
      const held = await ask(body)
      assert.equal(held.status, 423, held.text)
      return holdOf(held)
    }

    test('waits for two persons, and then runs once, byte for byte what was shown', async () => {
      const { model } = stage
      const id = await hold(request)
      const asked = model.asked.length
      assert.equal(holdOf(await ask()), id, 'a repeat meets the same hold')
      assert.equal(holdOf(await redeem(id)), id, 'nobody has approved yet')
      assert.equal(await stage.decide('ada', 'approve', id), 0)
      assert.equal(holdOf(await redeem(id)), id, 'one of two is not enough')
      assert.notEqual(await stage.decide('ada', 'approve', id), 0, 'one person decides once')
      assert.notEqual(await stage.decide('ada-again', 'approve', id), 0, 'by whatever key')
      assert.notEqual(await stage.decide('clerk', 'approve', id), 0, 'and nobody about their own call')
      assert.notEqual(await stage.decide('cleo', 'approve', id), 0, 'nor for a level that is not theirs')
      assert.equal(holdOf(await redeem(id)), id)
      assert.equal(await stage.decide('ben', 'approve', id), 0)
      const answers = await Promise.all(Array.from({ length: 8 }, () => redeem(id)))
      const given = answers.filter(({ status }) => status === 200)
      assert.equal(given.length, 1, answers.map(({ text }) => text).join('\n'))
      for (const other of answers.filter((one) => one !== given[0])) refusedAs(other, 'system.holds')
      assert.ok(given[0]!.text.includes(JSON.stringify(args)), given[0]!.text)
      assert.equal(model.asked.length, asked, 'no model was called again')
      refusedAs(await redeem(id), 'system.holds')
    })

    test('runs as a stream where the call was one', async () => {
      const body = chat('Please send the streamed note.', { stream: true })
      const id = await hold(body)
      assert.equal(await stage.decide('ada', 'approve', id), 0)
      assert.equal(await stage.decide('ben', 'approve', id), 0)
      const given = await redeem(id, body)
      assert.equal(given.status, 200)
      assert.ok(
        given.text.includes(JSON.stringify(args)) && given.text.endsWith('data: [DONE]\n\n'),
        given.text,
      )
    })

    test('does not run when a character, a header or the caller is another', async () => {
      const id = await hold(chat('Please send note 7.'))
      for (const reviewer of ['ada', 'ben'] as const) {
        assert.equal(await stage.decide(reviewer, 'approve', id), 0)
      }
      refusedAs(await redeem(id, chat('Please send note 8.')), 'system.holds')
      refusedAs(await redeem(id, chat('Please send note 7.', { temperature: 1 })), 'system.holds')
      refusedAs(await redeem(id, chat('Please send note 7.', { stream: true })), 'system.holds')
      const another = await post(stage.program, stage.keys.admin, chat('Please send note 7.'), {
        'servanda-hold': id,
      })
      assert.equal(another.status, 403)
      assert.equal((await redeem('hold_AAAAAAAAAAAAAAAAAAAAAA', chat('Please send note 7.'))).status, 403)
      assert.equal((await ask(request, { 'servanda-hold': '../x' })).status, 400)
      assert.equal(
        (await redeem(id, chat('Please send note 7.'))).status,
        200,
        'it is still good for what it is',
      )
    })

    test('does not run after one denial', async () => {
      const body = chat('Please send the denied note.')
      const id = await hold(body)
      assert.equal(await stage.decide('ada', 'approve', id), 0)
      assert.equal(await stage.decide('ben', 'deny', id), 0)
      refusedAs(await redeem(id, body), 'system.holds')
      assert.notEqual(await stage.decide('clerk', 'approve', id), 0)
    })

    test('a request that waits calls the model once, when it is approved', async () => {
      const { model, keys, program } = stage
      model.play = say('Gladly, at last.')
      const body = chat('A question of the office.')
      const send = (headers = {}): Promise<Answer> => post(program, keys.admin, body, headers)
      const asked = model.asked.length
      const id = holdOf(await send())
      assert.equal(holdOf(await send()), id)
      assert.equal(await stage.decide('cleo', 'approve', id), 0)
      assert.equal(model.asked.length, asked, 'no model was called before')
      const given = await send({ 'servanda-hold': id })
      assert.equal(given.status, 200, given.text)
      assert.equal(model.asked.length, asked + 1)
      refusedAs(await send({ 'servanda-hold': id }), 'system.holds')
      assert.equal(model.asked.length, asked + 1)
    })

    test('a call that was denied waits anew when it is asked again, and both decisions stand', async () => {
      const { model, keys, program, home } = stage
      model.play = say('Gladly, after all.')
      const body = chat('A question that was denied.')
      const send = (headers = {}): Promise<Answer> => post(program, keys.admin, body, headers)
      const first = holdOf(await send())
      assert.equal(await stage.decide('ben', 'deny', first), 0)
      const second = holdOf(await send())
      assert.notEqual(second, first)
      assert.equal(await stage.decide('cleo', 'approve', second), 0)
      refusedAs(await send({ 'servanda-hold': first }), 'system.holds')
      assert.equal((await send({ 'servanda-hold': second })).status, 200)
      await stage.restart()
      const decided = entriesOf(home).flatMap((leaf) =>
        leaf.kind === 'hold-decided' ? [[leaf.hold, leaf.verdict]] : [],
      )
      assert.deepEqual(
        decided.filter(([id]) => id === first || id === second),
        [
          [first, 'deny'],
          [second, 'approve'],
        ],
      )
    })

    test('a request that was approved waits again for an act that nobody was shown', async () => {
      const { model, keys, program } = stage
      model.play = callTool('post', args)
      const body = chat('Another question of the office.')
      const send = (headers = {}): Promise<Answer> => post(program, keys.admin, body, headers)
      const first = holdOf(await send())
      assert.equal(await stage.decide('cleo', 'approve', first), 0)
      const second = holdOf(await send({ 'servanda-hold': first }))
      assert.notEqual(second, first)
      refusedAs(await send({ 'servanda-hold': first }), 'system.holds')
    })

    test('no caller has more than sixteen calls waiting', async () => {
      const { keys, program } = stage
      const held = await Promise.all(
        Array.from({ length: 24 }, (_, i) => post(program, keys.admin, chat(`Question ${i} of the office.`))),
      )
      const statuses = held.map(({ status }) => status)
      // One of the test before waits still.
      assert.equal(statuses.filter((status) => status === 423).length, 15, statuses.join())
      for (const one of held.filter(({ status }) => status !== 423)) refusedAs(one, 'system.holds')
    })

    test('an approval outlives the program, a used one stays used, and the evidence is whole', async () => {
      const body = chat('Please send the note of yesterday.')
      const id = await hold(body)
      assert.equal(await stage.decide('ada', 'approve', id), 0)
      await stage.restart()
      assert.equal(holdOf(await redeem(id, body)), id)
      assert.equal(await stage.decide('ben', 'approve', id), 0)
      await stage.restart()
      assert.equal((await redeem(id, body)).status, 200)
      await stage.restart()
      refusedAs(await redeem(id, body), 'system.holds')
      assert.equal(await stage.program.stop(), 0)
      const { openIntents } = await audit(stage.home)
      assert.deepEqual(openIntents, [])
      assert.equal((await run(stage.home, ['verify', join(stage.home.data, 'evidence')])).code, 0)
      const kinds = entriesOf(stage.home).map(({ kind }) => kind)
      assert.ok(kinds.includes('hold-decided') && kinds.includes('reviewers'))
      assertNotInClear(stage.home, ['I have read it.', 'the other unit', 'clerk-for-care'])
    })
  })
}

describe('a held call whose level asks a quorum over roles and units', () => {
  const asks = 'one of counsel and one of reviewers of clinic'
  const lines = {
    roles: '{ counsel: { clause: "2" }, reviewers: { clause: "2" } }',
    levels: `{ two-person: { quorum: "${asks}", clause: "2" }, official: { clause: "2" } }`,
  }
  let stage: HoldsStage
  before(async () => {
    stage = await openHolds('1', lines, ['two-person'])
  })
  after(() => stage[Symbol.asyncDispose]())

  test('runs when distinct persons fill it, and the log shows that they did', async () => {
    const { model, keys, program, home } = stage
    model.play = callTool('post', args)
    const ask = (headers = {}): Promise<Answer> => post(program, keys.care, request, headers)
    const id = holdOf(await ask())
    const shown = async (): Promise<string> =>
      (await run(home, ['holds', 'show', id, '--key', keyFile(home, 'cleo')])).out
    const redeem = (): Promise<Answer> => ask({ 'servanda-hold': id })
    assert.match(await shown(), RegExp(`two-person 0/2  two-person: ${asks}; still missing: ${asks}`))
    assert.equal(await stage.decide('ben', 'approve', id), 0)
    assert.equal(await stage.decide('ada', 'approve', id), 0)
    assert.equal(holdOf(await redeem()), id, 'two persons, one of them of a unit elsewhere')
    assert.match(await shown(), /two-person 1\/2 .* still missing: one of reviewers of clinic/)
    assert.notEqual(await stage.decide('ada-again', 'approve', id), 0, 'one person takes one seat')
    assert.equal(holdOf(await redeem()), id)
    assert.equal(await stage.decide('cleo', 'approve', id), 0)
    const given = await redeem()
    assert.equal(given.status, 200, given.text)
    assert.ok(given.text.includes(JSON.stringify(args)), given.text)
    assert.equal(await program.stop(), 0)
    await audit(home)
    const verified = await run(home, ['verify', join(home.data, 'evidence')])
    assert.equal(verified.code, 0, verified.err)
    assert.match(verified.out, /^ok +every hold that was used was approved by reviewers enough .* \(1 holds/m)
  })
})

for (const workers of ['1', '2']) {
  test(`what nobody can approve waits in vain, and operators of ${workers} worker(s) are told, as of the money`, async () => {
    const lines = {
      amounts: '{ currency: USD, ceiling: 1, allotted: 0.02, warningPercent: 1, clause: "8" }',
      roles: '{ counsel: { clause: "2" }, reviewers: { clause: "2" } }',
      levels: '{ two-person: { quorum: "two of counsel", clause: "2" }, official: { clause: "2" } }',
    }
    await using stage = await openHolds(workers, lines, ['two-person'])
    const { model, keys, program } = stage
    assert.match(program.err(), /level `two-person` .* and the reviewers lack one of counsel:/)
    model.play = callTool('post', args)
    const id = holdOf(await post(program, keys.care, request))
    assert.equal(await stage.decide('ben', 'approve', id), 0)
    assert.equal(await stage.decide('ada', 'approve', id), 0)
    const again = await post(program, keys.care, request, { 'servanda-hold': id })
    assert.equal(holdOf(again), id, again.text)
    const metrics = await (await fetch(`${program.url}/metrics`)).text()
    assert.match(metrics, /^servanda_levels_unsatisfiable\{agreement="sample",level="two-person"\} 1$/m)
    assert.match(metrics, /^servanda_amount_committed_percent\{agreement="sample"\} \d+$/m)
    const warnings = program.err().match(/ % of what is allotted under `sample` is spent or reserved/g) ?? []
    assert.equal(warnings.length, 1, program.err())
  })
}
