/** An order to stop: nothing new passes, what runs ends with an error that names the clause, and one party cannot lift it. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { say } from './model.ts'
import { audit, entriesOf, run, start } from './program.ts'
import type { Ended, Home } from './program.ts'
import { chat, openStage, post } from './stage.ts'
import type { Stage } from './stage.ts'
import { streamOn, watchStream } from './streams.ts'
import type { SeenStream } from './streams.ts'

/** The refusals that cite a stop order. */
function stoppedRefusals(home: Home): number {
  return entriesOf(home).filter(
    (leaf) => leaf.kind === 'refusal' && leaf.rules.includes('system.order#always'),
  ).length
}

/** How long after the order's time each stream still spoke; told, not asserted, for machines differ. */
function lateness(home: Home, seen: readonly SeenStream[]): string {
  const at = entriesOf(home).findLast(({ kind }) => kind === 'order')?.time ?? NaN
  const sorted = seen.map(({ lastPieceAt }) => lastPieceAt - at).sort((a, b) => a - b)
  const share = (of: number): string => `${(sorted[Math.ceil(of * sorted.length) - 1] ?? NaN).toFixed(0)} ms`
  return `half ${share(0.5)}, 99 % ${share(0.99)}, most ${share(1)}`
}

for (const workers of ['1', '2']) {
  describe(`a stop order with ${workers} worker(s)`, () => {
    let stage: Stage
    before(async () => {
      stage = await openStage(workers)
    })
    after(() => stage[Symbol.asyncDispose]())

    const order = (command: 'stop' | 'resume', ...parties: readonly string[]): Promise<Ended> =>
      run(stage.home, [
        ...[command, '--agreement', 'sample', '--reason', 'There is reason to believe that 4.1 is broken.'],
        ...parties.flatMap((party) => ['--demo-key', party]),
      ])

    test('ends every stream with one error event, refuses what comes, and counts it', async (t) => {
      const { model, program, keys, home } = stage
      model.play = streamOn(50)
      const count = workers === '1' ? 50 : 100
      // Two callers: one alone may have 64 calls at once in a worker, and nobody says how they spread.
      const streams = Array.from({ length: count }, (_, i) =>
        watchStream(program, i % 2 === 0 ? keys.care : keys.secondCare),
      )
      await Promise.all(streams.map(({ begun }) => begun))
      const stopped = await order('stop', 'provider')
      assert.equal(stopped.code, 0, stopped.err)
      const seen = await Promise.all(streams.map(({ ended }) => ended))
      for (const { status, text } of seen) {
        assert.equal(status, 200)
        const events = text.trim().split('\n\n')
        assert.match(events.at(-1) ?? '', /"code":"denied_by_clause".*"id":"system.order"/)
        assert.ok(!text.includes('[DONE]'))
      }
      t.diagnostic(`last piece after the order: ${lateness(home, seen)} (limit in bench/stop.ts: 500 ms)`)
      const refused = await Promise.all(
        Array.from({ length: 40 }, () => post(program, keys.care, chat('Hello.'))),
      )
      for (const { status, text } of refused) {
        assert.equal(status, 403, text)
        assert.match(text, /system\.order/)
      }
      assert.equal(stoppedRefusals(home), 40)
      const ends = entriesOf(home).filter((leaf) => leaf.kind === 'outcome')
      assert.equal(ends.filter((leaf) => leaf.status === 'stopped').length, count)
      assert.equal(model.asked.length, count, 'no call has reached the model since')
    })

    test('is lifted by no party alone, and not by the same stop again', async () => {
      const { program, keys, home } = stage
      for (const party of ['agency', 'provider']) {
        const alone = await order('resume', party)
        assert.notEqual(alone.code, 0)
        assert.match(alone.err, /ENVELOPE_SIGNATURES|signatures are missing/)
      }
      assert.equal((await post(program, keys.care, chat('Hello.'))).status, 403)
      assert.equal(entriesOf(home).filter(({ kind }) => kind === 'order').length, 1)
    })

    test('outlives the program', async () => {
      const { keys, home, program } = stage
      await program.kill()
      const again = await start(home, [], { settings: { SERVANDA_WORKERS: workers } })
      try {
        assert.equal((await post(again, keys.care, chat('Hello.'))).status, 403)
        const lifted = await order('resume', 'agency', 'provider')
        assert.equal(lifted.code, 0, lifted.err)
        stage.model.play = say('Gladly.')
        assert.equal((await post(again, keys.care, chat('Hello.'))).status, 200)
        assert.equal(await again.stop(), 0)
      } finally {
        await again.kill()
      }
      assert.deepEqual((await audit(home)).openIntents, [])
      const verified = await run(home, ['verify', join(home.data, 'evidence')])
      assert.equal(verified.code, 0, verified.out + verified.err)
    })
  })
}
