/** Versions at a running gate: half signed has no effect, what tightens judges the next call, what loosens waits. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { digestOf } from '../../src/base/index.ts'
import { say } from './model.ts'
import { audit, entriesOf, run, start, until } from './program.ts'
import type { Ended, Home } from './program.ts'
import { chat, openStage, post } from './stage.ts'
import type { Stage } from './stage.ts'
import { streamOn, watchStream } from './streams.ts'
import { openTwoGates } from './two-gates.ts'
import type { TwoGates } from './two-gates.ts'

const past = '2026-03-02T00:00:00Z'
const watchword = 'the harbour ledger of tomorrow'

interface Versions {
  readonly first: string
  /** Signals and prohibits a phrase of its own. */
  readonly tighter: string
  /** Lets two persons' approval go from what is sent. */
  readonly looser: string
}

function replaced(text: string, changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((all, [from, to]) => {
    assert.ok(all.includes(from), from)
    return all.replace(from, to)
  }, text)
}

function writeVersions({ root }: Home): Versions {
  const first = join(root, 'sample.md')
  const text = readFileSync(first, 'utf8')
  const next = (version: number, of: string, ...changes: readonly (readonly [string, string])[]): string => {
    const numbered = of.replace(
      /^version: .*\n(previous: .*\n)?/m,
      `version: ${version}\nprevious: ${digestOf(of)}\n`,
    )
    const path = join(root, `v${version}.md`)
    writeFileSync(path, replaced(numbered, changes))
    return path
  }
  const prohibition = `### 4.5 Nobody speaks of the ledger

\`\`\`cedar
forbid (principal, action, resource)
when { context.findings.contains(Signal::"harbour-ledger") };
\`\`\`

`
  const tighter = next(
    2,
    text,
    ['signals: { ', `signals: { harbour-ledger: { phrases: ["${watchword}"], clause: "4.5" }, `],
    ['## 6 Exclusions', `${prohibition}## 6 Exclusions`],
  )
  const looser = next(3, readFileSync(tighter, 'utf8'), [
    'forbid (principal, action == Action::"erase", resource);',
    'forbid (principal, action == Action::"erase", resource) when { context.consumer == Consumer::"batch" };',
  ])
  return { first, tighter, looser }
}

const sign = (
  home: Home,
  file: string,
  {
    previous,
    effective = past,
    parties,
  }: { previous: string; effective?: string; parties: readonly string[] },
): Promise<Ended> =>
  run(home, [
    ...['sign', file, '--previous', previous, '--effective', effective],
    ...parties.flatMap((party) => ['--demo-key', party]),
  ])

const activate = (home: Home, file: string): Promise<Ended> => run(home, ['activate', file])

for (const workers of ['1', '2']) {
  describe(`versions at a running gate with ${workers} worker(s)`, () => {
    let stage: Stage
    let versions: Versions
    before(async () => {
      stage = await openStage(workers)
      versions = writeVersions(stage.home)
    })
    after(() => stage[Symbol.asyncDispose]())

    test('what is half signed has no effect, and says what is missing', async () => {
      const { home, program, keys } = stage
      const { first: previous, tighter } = versions
      const unsigned = await activate(home, tighter)
      assert.equal(unsigned.code, 2)
      assert.match(unsigned.err, /has no effect: nobody has signed it/)
      const signed = await sign(home, tighter, { previous, parties: ['agency'] })
      assert.equal(signed.code, 0, signed.err)
      const told = await run(home, ['signatures', tighter, '--previous', previous])
      assert.equal(told.code, 1)
      assert.match(told.out, /missing {2}provider under version 1: 0 of 1 signers/)
      const half = await activate(home, tighter)
      assert.equal(half.code, 1)
      assert.match(half.err, /ENVELOPE_SIGNATURES: .*`provider` 0 of 1 under version 1/)
      assert.equal((await post(program, keys.care, chat(`What of ${watchword}?`))).status, 200)
      assert.equal(entriesOf(home).filter(({ kind }) => kind === 'activation').length, 1)
    })

    test('what tightens ends what runs, and the next call is judged by it, phrases of its own included', async () => {
      const { home, program, keys, model } = stage
      const { first: previous, tighter } = versions
      assert.equal((await post(program, keys.admin, chat('May I?'))).status, 423, 'a hold is open')
      model.play = streamOn(50)
      const streams = [keys.care, keys.secondCare].map((key) => watchStream(program, key))
      await Promise.all(streams.map(({ begun }) => begun))
      assert.equal((await sign(home, tighter, { previous, parties: ['provider'] })).code, 0)
      const done = await activate(home, tighter)
      assert.equal(done.code, 0, done.err)
      assert.match(done.out, /`sample` version 2 is in force from entry \d+ on/)
      for (const { text } of await Promise.all(streams.map(({ ended }) => ended))) {
        assert.match(text.trim().split('\n\n').at(-1) ?? '', /"error"/)
        assert.ok(!text.includes('[DONE]'))
      }
      model.play = say('Gladly.')
      // Every worker, whichever answers.
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => post(program, keys.care, chat(`What of ${watchword}?`))),
      )
      for (const { status, text } of answers) {
        assert.equal(status, 403, text)
        assert.match(text, /"4\.5"/)
      }
      assert.equal((await post(program, keys.care, chat('Hello.'))).status, 200)
      await until('the hold has ended', () => entriesOf(home).some(({ kind }) => kind === 'hold-expired'))
      const again = await activate(home, tighter)
      assert.deepEqual([again.code, /is in force already/.test(again.out)], [0, true])
      const back = await run(home, [
        'sign',
        previous,
        '--effective',
        past,
        '--demo-key',
        'agency',
        '--demo-key',
        'provider',
      ])
      assert.equal(back.code, 0, back.err)
      assert.match(
        (await activate(home, previous)).err,
        /SUCCESSOR_VERSION: version 1 does not follow version 2/,
      )
    })

    test('what loosens is made known and refused before its time, also after another start', async () => {
      const { home, program, keys } = stage
      const { tighter: previous, looser } = versions
      const hasty = await sign(home, looser, { previous, parties: ['agency', 'provider'] })
      assert.match(hasty.err, /LOOSENS/)
      assert.match((await activate(home, looser)).err, /ENVELOPE_COOLING_OFF/)
      writeFileSync(`${looser}.signatures.json`, '')
      const broken = await activate(home, looser)
      assert.equal(broken.code, 2)
      const effective = new Date(Date.now() + 31 * 86_400_000).toISOString()
      const patient = join(home.root, 'patient.md')
      writeFileSync(patient, readFileSync(looser))
      await sign(home, patient, { previous, effective, parties: ['agency', 'provider'] })
      const known = await activate(home, patient)
      assert.equal(known.code, 0, known.err)
      assert.match(known.out, /it is made known by entry \d+, is NOT in force/)
      await program.kill()
      const next = await start(home, [], { settings: { SERVANDA_WORKERS: workers } })
      try {
        assert.deepEqual(next.inForce, ['sample@2'])
        const waits = await activate(home, patient)
        assert.equal(waits.code, 1)
        assert.ok(waits.out.includes(`can be in force from ${effective} on`), waits.out)
        assert.equal((await post(next, keys.care, chat(`What of ${watchword}?`))).status, 403)
        assert.equal(await next.stop(), 0)
      } finally {
        await next.kill()
      }
      assert.equal(entriesOf(home).filter(({ kind }) => kind === 'announced').length, 1)
      assert.deepEqual((await audit(home)).openIntents, [])
      const verified = await run(home, ['verify', join(home.data, 'evidence')])
      assert.equal(verified.code, 0, verified.out + verified.err)
    })
  })
}

describe('a version at two gates', () => {
  let gates: TwoGates
  before(async () => {
    gates = await openTwoGates('1')
  })
  after(() => gates[Symbol.asyncDispose]())

  test('each puts it into force for itself, and calls are turned away until both have', async () => {
    const { agency, gate, keys, model } = gates
    model.play = say('Gladly.')
    const { first: previous, tighter } = writeVersions(agency.home)
    assert.equal((await post(agency.program, keys.care, chat('Hello.'))).status, 200)
    const signed = await sign(agency.home, tighter, { previous, parties: ['agency', 'provider'] })
    assert.equal(signed.code, 0, signed.err)
    const here = await activate(agency.home, tighter)
    assert.equal(here.code, 0, here.err)
    assert.match(here.out, /until both have the same text in force/)
    const between = await post(agency.program, keys.care, chat('Hello.'))
    assert.equal(between.status, 403, between.text)
    await until('it is counted', () =>
      entriesOf(gate.home).some((leaf) => leaf.kind === 'turned-away' && leaf.reason === 'unlisted'),
    )
    const there = await activate(gate.home, tighter)
    assert.equal(there.code, 0, there.err)
    assert.equal((await post(agency.program, keys.care, chat('Hello.'))).status, 200)
  })
})
