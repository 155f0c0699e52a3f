/** `sign`, `signatures` and `activate` at the command line: what is half signed has no effect and says what is missing. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { systemClock } from '../base/index.ts'
import type { Envelope } from '../base/index.ts'
import { sampleAgreement } from '../oversight/sample-hold.fixture.ts'
import { activate } from './activate.ts'
import { runCommand, startPeople } from './people.fixture.ts'
import type { People } from './people.fixture.ts'
import { sign } from './sign.ts'
import { signatures } from './signatures.ts'

const dayMs = 86_400_000
const past = '2026-03-02T00:00:00Z'

let people: People
/** Files of the version in force, of one that tightens it and of one that loosens it. */
let [first, tighter, looser] = ['', '', '']
beforeEach(async () => {
  people = await startPeople()
  const next = (money: string): string =>
    sampleAgreement.text
      .replace('version: 1\n', `version: 2\nprevious: ${sampleAgreement.hash}\n`)
      .replace('committed > 5000000', `committed > ${money}`)
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(people.home, name)
    await writeFile(path, text)
    return path
  }
  first = await write('v1.md', sampleAgreement.text)
  tighter = await write('tighter.md', next('4000000'))
  looser = await write('looser.md', next('9000000'))
})
afterEach(() => people[Symbol.asyncDispose]())

const demo = (...parties: readonly string[]) => parties.flatMap((party) => ['--demo-key', party])
const signed = (file: string, ...args: readonly string[]) =>
  runCommand(sign, [file, '--previous', first, ...args])
const envelopeIn = async (file: string): Promise<Envelope> =>
  JSON.parse(await readFile(`${file}.signatures.json`, 'utf8')) as Envelope
const versionInForce = async (): Promise<number> => {
  const { body } = await people.stage.ask({ method: 'GET', path: '/v1/standing' })
  return (body['agreements'] as { version: number }[])[0]!.version
}

test('half signed has no effect and says what is missing; whole, it tightens at once', async () => {
  const one = await signed(tighter, '--effective', past, ...demo('agency'))
  assert.equal(one.code, 0, one.err)
  assert.match(one.err, /signing: `sample` version 2, in force from 2026-03-02T00:00:00\.000Z: A sample/)
  assert.match(one.err, /compared with version 1 it tightens and loosens nothing/)
  assert.match(
    one.out,
    /1 signature\nmissing {2}provider under version 1: 0 of 1 signers\n.*\nit has no effect/s,
  )
  const told = await runCommand(signatures, [tighter, '--previous', first])
  assert.equal(told.code, 1)
  assert.match(told.out, /^signed {3}agency under version 1: officer$/m)
  assert.match(told.out, /^missing {2}provider under version 2: 0 of 1 signers$/m)
  assert.match(told.out, /^DEMO {5}agency: /m)
  const refused = await runCommand(activate, [tighter, ...people.socket])
  assert.equal(refused.code, 1)
  assert.match(refused.err, /ENVELOPE_SIGNATURES: .*`provider` 0 of 1 under version 1/)
  assert.equal(await versionInForce(), 1)
  const two = await signed(tighter, ...demo('provider'))
  assert.match(two.out, /2 signatures\ncomplete: /)
  assert.equal((await runCommand(signatures, [tighter, '--previous', first])).code, 0)
  const done = await runCommand(activate, [tighter, ...people.socket])
  assert.equal(done.code, 0, done.err)
  assert.match(done.out, /`sample` version 2 is in force from entry \d+ on\n.*\n.*\(`unlisted`\)/)
  assert.equal(await versionInForce(), 2)
  const again = await runCommand(activate, [tighter, ...people.socket, '--json'])
  assert.equal((JSON.parse(again.out) as { outcome: string }).outcome, 'already-in-force')
})

test('what loosens says so, is made known, and waits', async () => {
  const soon = await signed(looser, '--effective', past, ...demo('agency', 'provider'))
  assert.match(soon.err, /it LOOSENS what was agreed, in \d+ place/)
  assert.match(soon.err, /WARNING: a gate that has judged by version 1/)
  const early = await runCommand(activate, [looser, ...people.socket])
  assert.equal(early.code, 1)
  assert.match(early.err, /ENVELOPE_COOLING_OFF: .*sign it for/)
  const effective = new Date(systemClock.now() + 31 * dayMs).toISOString()
  const out = join(people.home, 'later.json')
  const later = await signed(looser, '--effective', effective, '--out', out, ...demo('agency', 'provider'))
  assert.doesNotMatch(later.err, /WARNING/)
  const known = await runCommand(activate, [looser, '--signatures', out, ...people.socket])
  assert.equal(known.code, 0, known.err)
  assert.match(known.out, /it is made known by entry \d+, is NOT in force, and can be from /)
  const waits = await runCommand(activate, [looser, '--signatures', out, ...people.socket])
  assert.equal(waits.code, 1)
  assert.ok(waits.out.includes(`can be in force from ${effective} on`), waits.out)
  assert.equal(await versionInForce(), 1)
})

test('signatures that parties made apart are joined, and none is lost or told twice', async () => {
  const apart = join(people.home, 'provider.json')
  await signed(tighter, '--effective', past, ...demo('agency'))
  await signed(tighter, '--effective', past, '--out', apart, ...demo('provider'))
  const joined = await signed(tighter, '--join', apart)
  assert.match(joined.out, /2 signatures\ncomplete/)
  await signed(tighter, '--join', apart, ...demo('agency', 'provider'))
  assert.equal((await envelopeIn(tighter)).signatures.length, 2)
})

test('sign refuses to add to signatures over something else, and leaves them as they are', async () => {
  await signed(tighter, '--effective', past, ...demo('agency'))
  const before = await envelopeIn(tighter)
  for (const [file, effective] of [
    [tighter, '2026-03-03'],
    [looser, past],
  ] as const) {
    const out = `${tighter}.signatures.json`
    const { code, err } = await signed(file, '--effective', effective, '--out', out, ...demo('provider'))
    assert.equal(code, 2)
    assert.match(err, /CLI_SIGNATURES: .* signs something else, effective 2026-03-02T00:00:00\.000Z/)
  }
  await writeFile(`${looser}.signatures.json`, '{}')
  const broken = await signed(looser, '--effective', past, ...demo('agency'))
  assert.match(broken.err, /ENVELOPE_MALFORMED/)
  assert.equal(await readFile(`${looser}.signatures.json`, 'utf8'), '{}')
  assert.deepEqual(await envelopeIn(tighter), before)
  for (const file of [tighter, looser]) assert.ok(!existsSync(`${file}.signatures.json.new`))
})

test('sign joins no more signatures than a file may hold, and leaves those that are there as they are', async () => {
  await signed(tighter, '--effective', past, ...demo('agency'))
  const envelope = await envelopeIn(tighter)
  const idle = Array.from({ length: 999 }, (_, i) => ({ keyid: `sha256:${i}`, sig: 'AAAA' }))
  const flood = join(people.home, 'flood.json')
  await writeFile(flood, JSON.stringify({ ...envelope, signatures: idle }))
  const { code, err } = await signed(tighter, '--join', flood, ...demo('provider'))
  assert.equal(code, 2)
  assert.match(err, /ENVELOPE_MALFORMED: .* at most 1000 signatures/)
  assert.deepEqual(await envelopeIn(tighter), envelope)
})

test('sign waits for nobody who signs at the same moment', async () => {
  await writeFile(`${tighter}.signatures.json.new`, '')
  const { code, err } = await signed(tighter, '--effective', past, ...demo('agency'))
  assert.equal(code, 2)
  assert.match(err, /CLI_SIGNATURES: .* somebody is signing at this moment/)
  assert.ok(!existsSync(`${tighter}.signatures.json`))
})

test('sign makes no signature that would count for nothing', async () => {
  const file = await people.keyFile('stranger')
  const { code, err } = await signed(tighter, '--effective', past, '--key', file)
  assert.equal(code, 2)
  assert.match(err, /CLI_SIGNATURES: the key .* is no signer's under version 1 and 2 of `sample`/)
  assert.ok(!existsSync(`${tighter}.signatures.json`))
})

test('sign says what is missing or wrong, before anything is signed', async () => {
  const conditional = join(people.home, 'conditional.md')
  await writeFile(
    conditional,
    sampleText().replace(
      '## 6 Exclusions\n',
      '## 6 Exclusions\n\nWhere the law requires human control, a person decides.\n',
    ),
  )
  const third = join(people.home, 'third.md')
  await writeFile(third, requireAgreement(sampleText({ version: 3, previous: sampleAgreement.hash })).text)
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[tighter, '--effective', past, ...demo('agency')], /CLI_USAGE: .*--previous/],
    [[first, ...demo('agency')], /CLI_USAGE: --effective is missing/],
    [[first, '--effective', past], /CLI_USAGE: --key FILE is missing/],
    [[first, '--effective', '2031-01-01', ...demo('agency')], /ENVELOPE_EFFECTIVE/],
    [[conditional, '--effective', past, ...demo('agency')], /AGREEMENT_UNSIGNABLE: .*LINT_/],
    [[third, '--previous', first, '--effective', past, ...demo('agency')], /SUCCESSOR_VERSION/],
    [[tighter, '--previous', looser, '--effective', past, ...demo('agency')], /SUCCESSOR_VERSION/],
    [[first, '--previous', first, '--effective', past, ...demo('agency')], /SUCCESSOR_VERSION/],
  ]
  for (const [args, message] of cases) {
    const { code, out, err } = await runCommand(sign, args)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, message)
    assert.doesNotMatch(err, /signing:/)
  }
})

test('signatures names who nobody is, and says of a file without signatures that nobody has signed', async () => {
  const none = await runCommand(signatures, [first, '--json'])
  assert.equal(none.code, 1)
  const told = JSON.parse(none.out) as { complete: boolean; statement: null; lacking: unknown[] }
  assert.deepEqual([told.complete, told.statement, told.lacking.length], [false, null, 2])
  assert.match((await runCommand(signatures, [first])).out, /nobody has signed\n {2}it is the first version/)
  await runCommand(sign, [first, '--effective', past, ...demo('agency')])
  const path = `${first}.signatures.json`
  const envelope = await envelopeIn(first)
  const [own] = envelope.signatures
  assert.ok(own)
  const strange = [
    own,
    { ...own, sig: Buffer.alloc(64).toString('base64') },
    { ...own, keyid: 'sha256:0\u001b[2J' },
  ]
  await writeFile(path, JSON.stringify({ ...envelope, signatures: strange }))
  const { code, out } = await runCommand(signatures, [first])
  assert.equal(code, 1)
  assert.match(out, /^ignored {2}a signature that is not over this/m)
  assert.match(out, /^ignored {2}a signature of a key that is no signer’s, sha256:0\\u\{001B\}/m)
})

test('activate ends with a sentence where nobody has signed, and where what answers is no gate', async () => {
  const unsigned = await runCommand(activate, [tighter, ...people.socket])
  assert.equal(unsigned.code, 2)
  assert.match(unsigned.err, /CLI_SIGNATURES: .* has no effect: nobody has signed it/)
  await signed(tighter, '--effective', past, ...demo('agency', 'provider'))
  const socket = join(people.home, 'stranger.sock')
  const stranger = createServer((_, response) => response.end('{}'))
  await new Promise<void>((resolve) => stranger.listen(socket, resolve))
  try {
    const { code, err } = await runCommand(activate, [tighter, '--socket', socket])
    assert.equal(code, 2)
    assert.match(err, /CLI_UNANSWERED: the answer has not the documented form/)
  } finally {
    stranger.close()
  }
})
