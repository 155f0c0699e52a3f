/** Whatever happens in whatever order, the recorder agrees with a model of a few lines, and the log with both. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseLeaf, verifyLedger } from '../ledger/index.ts'
import type { Leaf } from '../ledger/index.ts'
import { MemoryRows, MemoryStore } from './memory-store.ts'
import { openRecorder } from './open-recorder.ts'
import { HeldClock, ask, origin, refusal, signer, vkey } from './sample-asks.ts'
import type { Sequencer } from './sequencer.ts'
import type { Publisher } from './publisher.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const exchanging = ['reserve', 'release', 'admit', 'refuse', 'settle', 'forget', 'tick'] as const
const holding = ['hold', 'decide', 'redeem', 'redeem', 'repeat'] as const
const actions = [...exchanging, ...holding] as const
const changing = ['amend', 'announce', 'dispute', 'hear', 'stop', 'resume'] as const
const troubles = ['fail', 'later', ...changing, 'publish', 'restart', 'crash', 'turn'] as const

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
  /** The exchange of each hold that was asked for; its id is its place. */
  readonly holds: string[] = []
  readonly #calls = new Map<string, string>()
  stops = 0
  version = 0
  crashed = false
  /** What was committed when everything had ended and every open reservation was given back. */
  committed = 0
  /** The entry of the newest version as a worker last heard of it. */
  agreement = 1
  /** What it has last heard to be in force: by that it judges. */
  judgedUnder = 1
  /** The entry that made the next version known, where one has. */
  announced: number | undefined
  disputes = 0
  /** Under what each exchange was judged that was to be let out or refused. */
  readonly judged = new Map<string, number>()

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
      (error: unknown) => {
        const expected = this.crashed ? /./ : /UNAVAILABLE|CONFLICT|SUPERSEDED|HOLD/
        assert.match((error as { code: string }).code, expected)
      },
    )
    this.pending.push(recorded)
  }

  #holdOf(pick: number): { readonly id: string; readonly exchange: string; readonly call: string } {
    const at = Math.max(0, this.holds.length - 1 - (pick % 3))
    const id = `hold_${at}`
    const call = (pick === 9 ? undefined : this.#calls.get(id)) ?? 'another call'
    return { id, exchange: this.holds[at] ?? '', call }
  }

  #exchangeOf(pick: number): string {
    return `ex_${Math.max(0, this.exchanges - 1 - (pick % 4))}`
  }

  async take({ action, pick, micros }: Step): Promise<void> {
    const worker = 1 + (pick % this.workers)
    const reservation = this.reservations[pick % Math.max(1, this.reservations.length)]
    const { agreement, version, judgedUnder } = this
    const judge = (exchange: string): string => {
      this.judged.set(exchange, judgedUnder)
      return exchange
    }
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
        const exchange = judge(`ex_${this.exchanges++}`)
        const one = ask.admit({ exchange, reservation: reservation.id, agreement, version, judgedUnder })
        this.#record(reservation.worker, one, exchange)
        return
      }
      case 'refuse': {
        const exchange = judge(`ex_${this.exchanges++}`)
        const back = reservation && pick > 5 ? { reservation: reservation.id } : {}
        this.#record(worker, ask.refuse({ exchange, agreement, judgedUnder, ...back }), exchange)
        return
      }
      case 'hold': {
        const exchange = judge(`ex_${this.exchanges++}`)
        const id = `hold_${this.holds.push(exchange) - 1}`
        const [caller, call] = [`caller ${pick % 2}`, `call ${pick % 4}`]
        const hold = { id, caller, call, expiresAt: this.clock.time + 20 * micros }
        this.#calls.set(id, call)
        this.#record(worker, ask.refuse({ exchange, agreement, judgedUnder, hold }), exchange)
        if (pick > 4) this.#record(worker, ask.decide({ exchange, redeems: id }), exchange)
        return
      }
      case 'decide': {
        const { id, exchange } = this.#holdOf(pick)
        const verdict = micros % 5 === 0 ? 'deny' : 'approve'
        this.#record(worker, ask.decide({ exchange, redeems: id, verdict }), exchange)
        return
      }
      case 'redeem': {
        if (!reservation) return this.take({ action: 'reserve', pick, micros })
        const exchange = judge(`ex_${this.exchanges++}`)
        const { id: redeems, call } = this.#holdOf(pick)
        const redemption = {
          exchange,
          judgedUnder,
          reservation: reservation.id,
          agreement,
          version,
          redeems,
          call,
        }
        this.#record(reservation.worker, ask.admit(redemption), exchange)
        return
      }
      case 'repeat': {
        const exchange = `ex_${this.exchanges++}`
        const { id } = this.#holdOf(pick)
        const { leaf, sealed, judgedUnder } = refusal({ exchange, agreement, hold: { id, expiresAt: 0 } })
        this.#record(worker, { op: 'refuse', refusal: { leaf, sealed, judgedUnder } }, exchange)
        return
      }
      case 'settle': {
        const exchange = this.#exchangeOf(pick)
        this.#record(worker, ask.settle({ exchange, micros, agreement, judgedUnder }), exchange)
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
      case 'announce':
      case 'dispute':
      case 'hear':
      case 'publish':
      case 'stop':
      case 'resume':
      case 'restart':
      case 'crash':
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
        const { announced } = this
        const amended = this.sequencer.record(ask.activate('department', this.version + 1, announced), 1)
        const heard = amended.then(
          ({ seq }) => {
            this.version++
            this.agreement = seq
            this.announced = undefined
          },
          () => undefined,
        )
        this.pending.push(heard)
        return
      }
      case 'announce': {
        const known = this.sequencer.record(ask.announce(this.version + 1, this.agreement), 1)
        this.pending.push(
          known.then(
            ({ seq }) => (this.announced = seq),
            () => undefined,
          ),
        )
        return
      }
      case 'dispute':
        this.#order(ask.dispute(`dispute_${pick === 0 ? 0 : this.disputes++}`, this.agreement))
        return
      case 'hear':
        this.judgedUnder = this.sequencer.lease().version
        return
      case 'publish':
        return this.publisher.publish(this.sequencer.head())
      case 'stop':
        this.#order(ask.order(`stop_${this.stops++}`, { agreement: this.agreement }))
        return
      case 'resume': {
        const lifts = Array.from({ length: this.stops }, (_, n) => `stop_${n}`).slice(pick < 2 ? -1 : -3)
        this.#order(ask.order(`resume_${micros}`, { agreement: this.agreement, lifts }))
        return
      }
      case 'restart':
        await this.end()
        return this.open()
      case 'crash':
        return this.crash()
      case 'turn':
        await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #order(one: Parameters<Sequencer['record']>[0]): void {
    const ordered = this.sequencer.record(one, 1).catch((error: unknown) => {
      assert.match((error as { code: string }).code, this.crashed ? /./ : /UNAVAILABLE|CONFLICT|SUPERSEDED/)
    })
    this.pending.push(ordered)
  }

  /** The program ends in the midst of what it does, and another starts over the same rows. */
  async crash(): Promise<void> {
    this.store.script.splice(0, this.store.script.length, 'STORE_BROKEN')
    this.crashed = true
    await Promise.all(this.pending)
    this.crashed = false
    return this.open()
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
  assert.deepEqual(new Set(rows.holds.keys()), openHoldsOf(leaves))
  for (const [seq, exchange] of acknowledged) {
    const leaf = leaves[seq]
    assert.equal(leaf && 'exchange' in leaf ? leaf.exchange : null, exchange)
  }
}

/** Ids of holds that are open after these entries; each was opened once, and used once at most. */
function openHoldsOf(leaves: readonly Leaf[]): Set<string> {
  const [open, ever] = [new Set<string>(), new Set<string>()]
  for (const leaf of leaves) {
    if (leaf.kind === 'refusal' && leaf.hold !== undefined && !ever.has(leaf.hold)) {
      ever.add(leaf.hold)
      open.add(leaf.hold)
    }
    const ends =
      leaf.kind === 'intent' ||
      leaf.kind === 'hold-expired' ||
      (leaf.kind === 'hold-decided' && leaf.verdict === 'deny')
    if (ends && leaf.hold !== undefined) assert.ok(open.delete(leaf.hold), `${leaf.hold} ends once`)
  }
  return open
}

/** Nothing that was let out or refused was judged before a dispute that stands before it. */
function requireReading({ judged }: Run, leaves: readonly Leaf[]): void {
  let disputed = -1
  for (const leaf of leaves) {
    if (leaf.kind === 'dispute') disputed = leaf.seq
    const judgedUnder =
      leaf.kind === 'intent' || leaf.kind === 'refusal' ? judged.get(leaf.exchange) : undefined
    if (judgedUnder !== undefined) assert.ok(judgedUnder >= disputed, `entry ${leaf.seq}`)
  }
}

/** No intent stands between a stop and the resume that lifts it. */
function requireStopped(leaves: readonly Leaf[]): void {
  const stops = new Set<string>()
  for (const leaf of leaves) {
    if (leaf.kind === 'order' && leaf.order === 'stop') stops.add(leaf.id)
    if (leaf.kind === 'order') for (const id of leaf.lifts) assert.ok(stops.delete(id))
    if (leaf.kind === 'intent' || leaf.kind === 'served') assert.equal(stops.size, 0)
  }
}

test('any interleaving keeps money, intents and sequence, and leaves a log that verifies', async () => {
  let [redeemed, disputed, announced] = [0, 0, 0]
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
    async (steps) => {
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
      requireStopped(run.leaves())
      requireReading(run, run.leaves())
      disputed += summary.entries.dispute
      announced += summary.entries.announced
      redeemed += summary.holds.redeemed
    },
  )
  await fc.assert(property, { numRuns: 150 })
  assert.ok(redeemed > 0, 'some holds were used')
  assert.ok(disputed > 0 && announced > 0, 'something was disputed, and something made known')
})

function spentAndReserved(rows: MemoryRows): number {
  const reserved = [...rows.intents.values()].reduce((sum, { reservedMicros }) => sum + reservedMicros, 0)
  return (rows.sums().get('department') ?? 0) + reserved
}
