/** Whatever a provider's gate is asked, and whenever it dies: no intent is served twice, none out of its time. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { intentWindowMs, parseLeaf, parseReceipt, verifyLedger } from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import { MemoryRows, MemoryStore } from './memory-store.ts'
import { openRecorder } from './open-recorder.ts'
import { HeldClock, ask, origin, signer, vkey } from './sample-asks.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const step = fc.record({
  action: fc.oneof(
    { arbitrary: fc.constantFrom('serve', 'serve', 'end'), weight: 4 },
    { arbitrary: fc.constantFrom('later', 'back', 'crash', 'fail', 'stop', 'resume', 'turn'), weight: 1 },
  ),
  pick: fc.nat(9),
  /** How far from now the intent was written, or how far the clock moves. */
  ms: fc.nat({ max: 2 * intentWindowMs }),
})

async function run(
  directory: string,
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
) {
  const rows = new MemoryRows()
  const clock = new HeldClock()
  const guardDirectory = join(directory, 'guard')
  const common = { clock, signer, origin, role: 'gate' as const, directory, guardDirectory }
  let store = new MemoryStore(rows)
  let opened = await openRecorder({ store, ...common })
  const acknowledged: string[] = []
  const pending: Promise<unknown>[] = []
  const record = (one: DurableAsk, receipt?: string): void => {
    const recorded = opened.sequencer.record(one, 1)
    pending.push(
      recorded.then(
        () => receipt !== undefined && acknowledged.push(receipt),
        () => null,
      ),
    )
  }
  record(ask.activate())
  await Promise.all(pending)
  let stops = 0
  /** The time of each intent, as its log wrote it. */
  const times = new Map<number, number>()
  for (const { action, pick, ms } of steps) {
    switch (action) {
      case 'serve': {
        const time = times.get(pick) ?? clock.time + ms - intentWindowMs
        times.set(pick, time)
        const one = await ask.serve({ exchange: `ex_${pick}`, intent: pick, time })
        record(one, one.op === 'serve' ? one.serving.leaf.receipt : undefined)
        break
      }
      case 'end':
        record(ask.end(`ex_${pick}`, rows.intents.get(`ex_${pick}`)?.seq ?? 0))
        break
      case 'later':
        clock.time += ms
        break
      case 'back':
        clock.time -= Math.min(ms, 30_000)
        break
      case 'fail':
        store.script.push('STORE_UNAVAILABLE')
        break
      case 'stop':
        record(ask.order(`stop_${stops++}`))
        break
      case 'resume':
        record(ask.order(`resume_${ms}`, { lifts: [`stop_${stops - 1}`] }))
        break
      case 'turn':
        await new Promise((resolve) => setImmediate(resolve))
        break
      case 'crash':
        store.script.splice(0, store.script.length, 'STORE_BROKEN')
        await Promise.all(pending)
        clock.time = Math.max(clock.time, rows.entries.at(-1)?.time ?? 0)
        store = new MemoryStore(rows)
        opened = await openRecorder({ store, ...common })
        assert.equal(rows.intents.size, 0, 'every call of the program before was ended')
    }
  }
  store.script.length = 0
  await Promise.all(pending)
  await opened.sequencer.close()
  await opened.publisher.publish(opened.sequencer.head())
  return { leaves: rows.entries.map(({ leaf }) => parseLeaf(leaf)), acknowledged }
}

test('any interleaving serves each intent once, in its time, and leaves a log that verifies', async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
    async (steps) => {
      await using directory = await temporaryDirectory()
      const { leaves, acknowledged } = await run(directory.path, steps)
      const served = leaves.filter((leaf) => leaf.kind === 'served')
      const indexes = served.map(({ receipt }) => parseReceipt(receipt).index)
      assert.equal(new Set(indexes).size, indexes.length)
      for (const { time, receipt } of served) {
        assert.ok(Math.abs(time - parseReceipt(receipt).time) <= intentWindowMs)
      }
      const receipts = new Set(served.map(({ receipt }) => receipt))
      assert.ok(acknowledged.every((receipt) => receipts.has(receipt)))
      const summary = await verifyLedger({ directory: directory.path, verifiers: [vkey] })
      assert.equal(summary.role, 'gate')
    },
  )
  await fc.assert(property, { numRuns: 150 })
})
