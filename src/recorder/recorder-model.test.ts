/** Whatever happens in whatever order, the recorder agrees with a model of a few lines, and the log with both. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseLeaf, verifyLedger } from '../ledger/index.ts'
import type { Leaf } from '../ledger/index.ts'
import { MemoryRows, MemoryStore } from './memory-store.ts'
import { openRecorder } from './open-recorder.ts'
import { HeldClock, ask, origin, signer, vkey } from './sample-asks.ts'
import type { Sequencer } from './sequencer.ts'
import type { Publisher } from './publisher.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const actions = ['reserve', 'release', 'admit', 'refuse', 'hold', 'settle', 'forget', 'tick'] as const
const troubles = ['fail', 'later', 'amend', 'publish', 'restart', 'turn'] as const

interface Step {
  readonly action: (typeof actions)[number] | (typeof troubles)[number]
  /** Chooses a reservation, an exchange, a worker. */
  readonly pick: number
  readonly micros: number
}

const step: fc.Arbitrary<Step> = fc.record({
  action: fc.oneof(
    { arbitrary: fc.constantFrom(...actions), weight: 4 },
    { arbitrary: fc.constantFrom(...troubles), weight: 1 },
  ),
  pick: fc.nat(9),
  micros: fc.nat(1_000),
})

/** Drives a recorder, and remembers only what it answered. */
class Run {
  readonly rows = new MemoryRows()
  readonly clock = new HeldClock()
  readonly acknowledged = new Map<number, string>()
  readonly pending: Promise<unknown>[] = []
  readonly directory: string
  store = new MemoryStore(this.rows)
  sequencer!: Sequencer
  publisher!: Publisher
  workers = 3
  reservations: { readonly id: number; readonly worker: number }[] = []
  exchanges = 0
  version = 0
  /** What was committed when everything had ended and every open reservation was given back. */
  committed = 0
  /** The entry of the newest version as a worker last heard of it. */
  agreement = 1

  constructor(directory: string) {
    this.directory = directory
  }

  async open(): Promise<void> {
    this.store = new MemoryStore(this.rows)
    const opened = await openRecorder({
      store: this.store,
      clock: this.clock,
      signer,
      origin,
      directory: join(this.directory, 'evidence'),
      guardDirectory: join(this.directory, 'guard'),
    })
    this.sequencer = opened.sequencer
    this.publisher = opened.publisher
    this.reservations = []
  }

  /** Not awaited: several asks may be under way. What is acknowledged must be found in the end. */
  #record(worker: number, ...[one, exchange]: [Parameters<Sequencer['record']>[0], string]): void {
    const recorded = this.sequencer.record(one, worker).then(
      ({ seq }) => void this.acknowledged.set(seq, exchange),
      (error: unknown) => assert.match((error as { code: string }).code, /UNAVAILABLE|CONFLICT/),
    )
    this.pending.push(recorded)
  }

  #exchangeOf(pick: number): string {
    return `ex_${Math.max(0, this.exchanges - 1 - (pick % 4))}`
  }

  async take({ action, pick, micros }: Step): Promise<void> {
    const worker = 1 + (pick % this.workers)
    const reservation = this.reservations[pick % Math.max(1, this.reservations.length)]
    const { agreement } = this
    switch (action) {
      case 'reserve':
        try {
          const { id } = this.sequencer.reserve('department', micros, worker)
          this.reservations.push({ id, worker })
        } catch (error) {
          assert.equal((error as { code: string }).code, 'RECORDER_UNAVAILABLE')
        }
        return
      case 'release':
        if (reservation) this.sequencer.release(reservation.id)
        return
      case 'admit': {
        if (!reservation) return
        const exchange = `ex_${this.exchanges++}`
        const one = ask.admit({ exchange, reservation: reservation.id, agreement })
        this.#record(reservation.worker, one, exchange)
        return
      }
      case 'refuse': {
        const exchange = `ex_${this.exchanges++}`
        const back = reservation && pick > 5 ? { reservation: reservation.id } : {}
        this.#record(worker, ask.refuse({ exchange, agreement, ...back }), exchange)
        return
      }
      case 'hold': {
        const exchange = `ex_${this.exchanges++}`
        const hold = { id: `hold_${pick}`, expiresAt: this.clock.time + micros }
        this.#record(worker, ask.refuse({ exchange, agreement, hold }), exchange)
        return
      }
      case 'settle': {
        const exchange = this.#exchangeOf(pick)
        this.#record(worker, ask.settle({ exchange, micros, agreement }), exchange)
        return
      }
      case 'forget':
        if (pick < 3) this.sequencer.forget(worker)
        if (pick < 3) this.workers++
        return
      case 'tick':
        this.sequencer.tick()
        return
      case 'fail':
      case 'later':
      case 'amend':
      case 'publish':
      case 'restart':
      case 'turn':
        return this.#trouble(action, pick, micros)
    }
  }

  async #trouble(action: (typeof troubles)[number], pick: number, micros: number): Promise<void> {
    switch (action) {
      case 'fail':
        this.store.script.push(...Array.from({ length: 1 + (pick % 3) }, () => 'STORE_UNAVAILABLE' as const))
        return
      case 'later':
        // Mostly forward, sometimes back.
        this.clock.time += pick === 0 ? -500 : micros
        return
      case 'amend': {
        const amended = this.sequencer.record(ask.activate('department', this.version + 1), 1)
        const heard = amended.then(
          ({ seq }) => {
            this.version++
            this.agreement = seq
          },
          () => undefined,
        )
        this.pending.push(heard)
        return
      }
      case 'publish':
        return this.publisher.publish(this.sequencer.head())
      case 'restart':
        await this.end()
        return this.open()
      case 'turn':
        await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Lets all that is under way end. */
  async end(): Promise<void> {
    this.store.script.length = 0
    await Promise.all(this.pending)
    this.sequencer.tick()
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    for (const { id } of this.reservations) this.sequencer.release(id)
    this.committed = this.sequencer.reserve('department', 0, 1_000).committedMicros
    await this.sequencer.close()
  }

  leaves(): Leaf[] {
    return this.rows.entries.map(({ leaf }) => parseLeaf(leaf))
  }
}

/** What the rows must say, from the leaves alone. */
function requireRowsFit({ rows, acknowledged }: Run, leaves: readonly Leaf[]): void {
  const open = new Set<number>()
  for (const [index, leaf] of leaves.entries()) {
    assert.equal(leaf.seq, index)
    if (leaf.kind === 'intent') open.add(index)
    if (leaf.kind === 'outcome')
      assert.ok(open.delete(leaf.intent), `entry ${index} has an intent that is open`)
  }
  assert.deepEqual(new Set([...rows.intents.values()].map(({ seq }) => seq)), open)
  for (const [seq, exchange] of acknowledged) {
    const leaf = leaves[seq]
    assert.equal(leaf && 'exchange' in leaf ? leaf.exchange : null, exchange)
  }
}

test('any interleaving keeps money, intents and sequence, and leaves a log that verifies', async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
    await using directory = await temporaryDirectory()
    const run = new Run(directory.path)
    await run.open()
    await run.take({ action: 'amend', pick: 0, micros: 0 })
    await Promise.all(run.pending)
    for (const one of steps) await run.take(one)
    await run.end()
    requireRowsFit(run, run.leaves())
    assert.equal(run.committed, spentAndReserved(run.rows))
    await run.publisher.publish(run.sequencer.head())

    // After a restart every intent has its outcome, and what was open has been spent at worst case.
    const before = spentAndReserved(run.rows)
    await run.open()
    requireRowsFit(run, run.leaves())
    assert.equal(run.rows.intents.size, 0)
    assert.equal(run.rows.sums().get('department') ?? 0, before)
    assert.equal(run.sequencer.reserve('department', 0, 99).committedMicros, before)
    const summary = await verifyLedger({ directory: join(run.directory, 'evidence'), verifiers: [vkey] })
    assert.equal(summary.size, run.rows.entries.length)
  })
  await fc.assert(property, { numRuns: 120 })
})

function spentAndReserved(rows: MemoryRows): number {
  const reserved = [...rows.intents.values()].reduce((sum, { reservedMicros }) => sum + reservedMicros, 0)
  return (rows.sums().get('department') ?? 0) + reserved
}
