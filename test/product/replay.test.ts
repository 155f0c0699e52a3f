/** Past decisions of the real program judged again: exactly under the same text, and counted under a stricter one. */
import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ReplayReport } from '../../src/api/index.ts'
import { newPrivateKey, rawPublicKey } from '../../src/base/index.ts'
import { callTool, initialise, prohibited, sampleAgreement, say, startModel } from './model.ts'
import type { Keys, LocalModel } from './model.ts'
import { entriesOf, makeHome, run, start } from './program.ts'
import type { Home, Program } from './program.ts'
import { chat, post } from './stage.ts'
import type { Answer } from './stage.ts'

function enrol(home: Home): string {
  const key = newPrivateKey()
  const file = join(home.root, 'cleo.pem')
  writeFileSync(file, key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
  const raw = Buffer.from(rawPublicKey(createPublicKey(key))).toString('base64')
  const cleo = { id: 'cleo', title: 'An official', person: 'cleo', key: raw }
  const list = [{ ...cleo, agreement: 'sample', levels: ['official', 'two-person'] }]
  writeFileSync(join(home.data, 'reviewers.json'), JSON.stringify(list))
  return file
}

const offered = (name: string): object => ({ tools: [{ type: 'function', function: { name } }] })

function holdOf({ text }: Answer): string {
  const { error } = JSON.parse(text) as { error: { servanda: { hold: { id: string } } } }
  return error.servanda.hold.id
}

interface Scene {
  readonly home: Home
  readonly model: LocalModel
  readonly keys: Keys
  readonly program: Program
  readonly reviewer: string
}

/** Calls of every kind of end; answers how many there were of each. */
async function aDay({ home, model, keys, program, reviewer }: Scene): Promise<void> {
  const ask = async (key: string, body: string, status: number, headers = {}): Promise<Answer> => {
    const answer = await post(program, key, body, headers)
    assert.equal(answer.status, status, answer.text)
    return answer
  }
  const approve = async (hold: string): Promise<void> => {
    const given = ['holds', 'approve', hold, '--key', reviewer, '--reason', 'I have read it.']
    assert.equal((await run(home, given)).code, 0)
  }
  model.play = say('Gladly', ', and at once.')
  await ask(keys.care, chat('A whole answer.'), 200)
  await ask(keys.care, chat('A stream.', { stream: true }), 200)
  await ask(keys.care, chat('With a listed tool.', offered('post')), 200)
  await ask(keys.care, chat('With another tool.', offered('shred')), 403)
  await ask(keys.care, chat(prohibited), 403)
  await ask(keys.policing, chat('A question.'), 403)
  model.play = say('Gladly. ', prohibited)
  await ask(keys.care, chat('An answer that is stopped.'), 403)
  await ask(keys.care, chat('A stream that is stopped.', { stream: true }), 200)
  model.play = callTool('search_documents', '{"about":"beds"}')
  await ask(keys.care, chat('Look it up.'), 200)
  model.play = callTool('post', '{"to":"the other unit"}')
  const act = holdOf(await ask(keys.care, chat('Send it.'), 423))
  await approve(act)
  await ask(keys.care, chat('Send it.'), 200, { 'servanda-hold': act })
  model.play = callTool('wipe', '{}')
  await ask(keys.care, chat('Wipe it.'), 403)
  model.play = say('Approved, so gladly.')
  const waits = chat('A question of the office.')
  const hold = holdOf(await ask(keys.admin, waits, 423))
  await ask(keys.admin, waits, 423)
  await approve(hold)
  await ask(keys.admin, waits, 200, { 'servanda-hold': hold })
}

/** Asks until the published log covers what has been written. */
async function replay(home: Home, file: string): Promise<ReplayReport> {
  const written = entriesOf(home).length
  const end = performance.now() + 20_000
  for (;;) {
    const { code, out, err } = await run(home, ['replay', file, '--since', '2026-01-01', '--json'])
    assert.equal(code, 0, err + out)
    const report = JSON.parse(out) as ReplayReport
    if (report.covered.size >= written) return report
    assert.ok(performance.now() < end, 'in 20 s no checkpoint covered what was written')
  }
}

for (const workers of ['1', '2']) {
  test(`a day is judged again, with ${workers} worker(s)`, async () => {
    await using opened = new AsyncDisposableStack()
    const home = opened.use(makeHome())
    const model = opened.use(await startModel())
    const text = sampleAgreement(model.baseUrl)
    const keys = await initialise(home, model.baseUrl, text)
    const reviewer = enrol(home)
    const program = await start(home, [], { settings: { SERVANDA_WORKERS: workers } })
    opened.defer(() => program.kill())
    await aDay({ home, model, keys, program, reviewer })

    const same = join(home.root, 'same.md')
    writeFileSync(same, text)
    const unchanged = await replay(home, same)
    // Ten intents with their outcomes, and five refusals, one of which repeats another.
    assert.equal(unchanged.decisions, 25)
    assert.deepEqual(unchanged.judged, {
      ...{ total: 24, same: 24, sameByOthers: 0, nowAllowed: 0, nowHeld: 0, nowDenied: 0 },
      unreproducible: 0,
    })
    assert.deepEqual(unchanged.notJudged, { 'by-system': 0, repeats: 1, interrupted: 0, 'not-reached': 0 })
    assert.deepEqual(unchanged.changes, [])

    const stricter = join(home.root, 'stricter.md')
    const rules = `### 4.5 Nothing is looked up, and the office asks nobody

\`\`\`cedar
forbid (principal, action == Action::"look-up", resource);

forbid (principal, action, resource)
when { context.purpose == Purpose::"admin" };
\`\`\`
`
    writeFileSync(stricter, text.replace('## 6 Exclusions', `${rules}\n## 6 Exclusions`))
    const changed = await replay(home, stricter)
    const byClauses = changed.changes.map(
      ({ from, to, count, units }) =>
        `${from.verdict} ${from.clauses.join()} > ${to.verdict} ${to.clauses.join()}: ${count} ${JSON.stringify(units)}`,
    )
    assert.deepEqual(byClauses.sort(), [
      'allow 3 > deny 4.5: 2 {"clinic":2}',
      'hold 4.3 > deny 4.5: 1 {"clinic":1}',
    ])
    assert.deepEqual(changed.notJudged, { 'by-system': 0, repeats: 1, interrupted: 0, 'not-reached': 1 })
    assert.deepEqual(changed.judged, {
      ...{ total: 23, same: 20, sameByOthers: 0, nowAllowed: 0, nowHeld: 0, nowDenied: 3 },
      unreproducible: 0,
    })
    const told = await run(home, ['replay', stricter, '--since', '2026-01-01'])
    assert.equal(told.code, 0)
    assert.match(told.out, /23 decisions judged again: 20 the same, 0 now allowed, 0 now held, 3 now denied/)
    assert.match(told.out, /allow by 3 -> deny by 4\.5: 2\n {4}clinic 2; entries \d+, \d+\n/)
    assert.ok(!told.out.includes('beds'))

    const broken = join(home.root, 'broken.md')
    writeFileSync(broken, text.replace('forbid (principal, action == Action::"erase"', 'forbid ('))
    assert.equal((await run(home, ['replay', broken, '--since', '2026-01-01'])).code, 1)
    const stranger = join(home.root, 'stranger.md')
    writeFileSync(stranger, text.replace('id: sample', 'id: stranger'))
    const refused = await run(home, ['replay', stranger, '--since', '2026-01-01'])
    assert.deepEqual([refused.code, refused.err.includes('CONTROL_NOT_FOUND')], [1, true])
  })
}
