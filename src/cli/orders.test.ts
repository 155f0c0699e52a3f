/** `stop` and `resume` at the command line, and orders that parties hand on as files. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { sampleAgreement } from '../oversight/sample-hold.fixture.ts'
import { runCommand, startPeople } from './people.fixture.ts'
import type { People } from './people.fixture.ts'
import { resume } from './resume.ts'
import { stop } from './stop.ts'

let people: People
beforeEach(async () => {
  people = await startPeople()
})
afterEach(() => people[Symbol.asyncDispose]())

const about = ['--agreement', 'sample', '--reason', 'There is reason.']
const demo = (...parties: readonly string[]) => parties.flatMap((party) => ['--demo-key', party])
const stopsOf = async (): Promise<readonly string[]> => {
  const { body } = await people.stage.ask({ method: 'GET', path: '/v1/standing' })
  return (body['agreements'] as { stops: string[] }[])[0]!.stops
}

test('stop takes the key of one party, from a file, and says what stands now', async () => {
  const file = await people.keyFile('sample/provider')
  const { code, out, err } = await runCommand(stop, [...about, '--key', file, ...people.socket])
  assert.deepEqual([code, err], [0, ''])
  const [id] = await stopsOf()
  assert.ok(id)
  assert.match(
    out,
    /^stop of `sample` carried out, entry \d+, signed by provider \(demonstration keys: provider\)/,
  )
  assert.ok(out.includes(`nothing passes while ${id} stands`))
})

test('stop by a stranger is refused, and nothing is in force', async () => {
  const file = await people.keyFile('stranger')
  const { code, err } = await runCommand(stop, [...about, '--key', file, ...people.socket])
  assert.equal(code, 1)
  assert.match(err, /CLI_REFUSED: ENVELOPE_SIGNATURES: /)
  assert.deepEqual(await stopsOf(), [])
})

test('stop --json gives one object with the code of the gate that refuses', async () => {
  const file = await people.keyFile('stranger')
  const { code, out } = await runCommand(stop, [...about, '--key', file, ...people.socket, '--json'])
  const { ok, error } = JSON.parse(out) as { ok: boolean; error: { code: string; message: string } }
  assert.deepEqual([code, ok, error.code], [1, false, 'ENVELOPE_SIGNATURES'])
  assert.doesNotMatch(error.message, /ENVELOPE_SIGNATURES/)
})

test('stop and resume end with a sentence where what answers is no gate', async () => {
  const file = join(people.home, 'carried.json')
  await runCommand(stop, [...about, ...demo('provider'), '--out', file, ...people.socket])
  const socket = join(people.home, 'stranger.sock')
  const stranger = createServer((_, response) => response.end('{}'))
  await new Promise<void>((resolve) => stranger.listen(socket, resolve))
  try {
    for (const [command, args, member] of [
      [stop, [...about, ...demo('agency')], /`origin`: a text is needed/],
      [resume, [...about, ...demo('agency')], /`origin`: a text is needed/],
      [stop, ['--order', file], /`order`: an object is needed/],
    ] as const) {
      const { code, out, err } = await runCommand(command, [...args, '--socket', socket])
      assert.deepEqual([code, out], [2, ''])
      assert.match(err, /CLI_UNANSWERED: the answer has not the documented form/)
      assert.match(err, member)
      assert.doesNotMatch(err, /TypeError|\n +at /)
    }
  } finally {
    stranger.close()
  }
})

test('resume needs all parties, and lifts every stop that stands', async () => {
  const nothing = await runCommand(resume, [...about, ...demo('agency'), ...people.socket])
  assert.equal(nothing.code, 2)
  assert.match(nothing.err, /CLI_ORDER: no stop order stands over `sample`/)
  for (const party of ['agency', 'provider'])
    await runCommand(stop, [...about, ...demo(party), ...people.socket])
  assert.equal((await stopsOf()).length, 2)
  for (const party of ['agency', 'provider']) {
    const { code, err } = await runCommand(resume, [...about, ...demo(party), ...people.socket])
    assert.equal(code, 1)
    assert.match(err, /ENVELOPE_SIGNATURES/)
  }
  const { code, out } = await runCommand(resume, [
    ...about,
    ...demo('agency', 'provider'),
    ...people.socket,
    '--json',
  ])
  assert.equal(code, 0)
  assert.deepEqual((JSON.parse(out) as { parties: string[] }).parties, ['agency', 'provider'])
  assert.deepEqual(await stopsOf(), [])
})

test('a resume is handed on as a file, shown to whoever signs it, and then carried out', async () => {
  await runCommand(stop, [...about, ...demo('agency'), ...people.socket])
  const [one, two] = [join(people.home, 'one.json'), join(people.home, 'two.json')]
  const first = await runCommand(resume, [...about, ...demo('agency'), '--out', one, ...people.socket])
  assert.match(first.out, /1 signature; not carried out yet\n$/)
  const early = await runCommand(resume, ['--order', one, ...people.socket])
  assert.equal(early.code, 1)
  const second = await runCommand(resume, ['--order', one, ...demo('provider'), '--out', two])
  assert.match(
    second.err,
    /signing: resume `sample`, whose text is sha256:[^]* lifts order_[^]* reason: There is reason\./,
  )
  assert.match(second.out, /2 signatures; not carried out yet\n$/)
  assert.equal((await runCommand(resume, ['--order', two, ...people.socket])).code, 0)
  assert.equal(
    (await runCommand(resume, ['--order', two, ...people.socket])).code,
    1,
    'it is carried out once',
  )
  assert.deepEqual(await stopsOf(), [])
})

test('a stop is written away from the gate, over the text, and carried out there', async () => {
  const [text, file] = [join(people.home, 'agreement.md'), join(people.home, 'stop.json')]
  await writeFile(text, sampleAgreement.text)
  const written = await runCommand(stop, [
    '--text',
    text,
    '--reason',
    'From afar.',
    ...demo('provider'),
    '--out',
    file,
  ])
  assert.equal(written.code, 0, written.err)
  const { code, out } = await runCommand(stop, ['--order', file, ...people.socket])
  assert.equal(code, 0)
  assert.match(out, /signed by provider/)
  assert.equal((await stopsOf()).length, 1)
})

test('a file that is no order of the kind, or was changed, is refused before anything is signed', async () => {
  const file = join(people.home, 'stop.json')
  await runCommand(stop, [...about, ...demo('provider'), '--out', file, ...people.socket])
  const order = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  const changes: readonly (readonly [object, typeof stop, RegExp])[] = [
    [order, resume, /CLI_ORDER: .* it is a stop, not a resume/],
    [{ ...order, reason: 'Another.' }, stop, /CLI_ORDER: .* its reason is not the one that was signed/],
    [{ ...order, reason: undefined }, stop, /CLI_ORDER: .* it has no reason/],
    [{ ...order, envelope: {} }, stop, /ENVELOPE_MALFORMED/],
    [[], stop, /CLI_ORDER: .* it is not an object/],
  ]
  const changed = join(people.home, 'changed.json')
  for (const [value, command, message] of changes) {
    await writeFile(changed, JSON.stringify(value))
    const { code, out, err } = await runCommand(command, [
      '--order',
      changed,
      ...demo('agency'),
      ...people.socket,
    ])
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, message)
  }
  assert.deepEqual(await stopsOf(), [])
})

test('stop says what is missing, and which agreements there are', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--agreement', 'sample', ...demo('agency')], /CLI_USAGE: --reason is missing/],
    [about, /CLI_USAGE: --key FILE is missing/],
    [[...about, '--text', 'x', ...demo('agency')], /CLI_USAGE: one of/],
    [
      ['--agreement', 'other', '--reason', 'x', ...demo('agency')],
      /CLI_ORDER: no agreement `other` .* in force: sample/,
    ],
  ]
  for (const [args, message] of cases) {
    const { code, err } = await runCommand(stop, [...args, ...people.socket])
    assert.equal(code, 2)
    assert.match(err, message)
  }
})
