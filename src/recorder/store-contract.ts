/** What every recorder store must do, whatever keeps its rows: implementations register these cases as they are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leavesMax, noChanges } from './recorder-store.ts'
import type { Batch, EntryRow, HoldRow, RecorderStore } from './recorder-store.ts'

/** Rows of their own for one case. */
export interface StoreUnderTest extends AsyncDisposable {
  /** A new line to the same rows: what another process would open. The case closes what it opens. */
  open(): Promise<RecorderStore>
}

function entriesFrom(seq: number, count: number, sealed?: Uint8Array): EntryRow[] {
  return Array.from({ length: count }, (_, i) => ({
    seq: seq + i,
    time: 1_000 + seq + i,
    leaf: Buffer.from(`leaf ${seq + i}`),
    ...(sealed ? { sealed } : {}),
  }))
}

const empty = { size: 0, lastTime: 0, intents: [], holds: [], spent: new Map(), activations: [] }
const intent = { exchange: 'ex_1', seq: 0, agreement: 'department', reservedMicros: 700 }
const hold: HoldRow = {
  ...{
    id: 'hold_1',
    expiresAt: 5_000,
    caller: 'caller',
    call: 'call',
    subject: 'subject',
    asks: ['two-person'],
  },
  ...{ exchange: 'ex_1', seq: 3, agreement: 1, stage: 'tool', rules: ['4.2#1', 'é"'], commitments: 'ab' },
}
const activated = { seq: 0, agreement: 'department', version: 1, text: '# Text\n', envelope: { a: ['é', 1] } }

function bytes(leaves: readonly Uint8Array[]): string[] {
  return leaves.map((leaf) => Buffer.from(leaf).toString())
}

type Case = (open: () => Promise<RecorderStore>) => Promise<void>

const cases: Readonly<Record<string, Case>> = {
  'load of a new store gives the empty state': async (open) => {
    await using store = await open()
    assert.deepEqual(await store.load(), empty)
    assert.deepEqual(await store.readLeaves(0, 10), [])
    assert.equal(await store.readSealed(0), null)
  },

  'commit is there for a second reader as soon as it returns, and after reopening': async (open) => {
    await using reader = await open()
    {
      await using writer = await open()
      await writer.commit({ ...noChanges, entries: entriesFrom(0, 3, Buffer.from('sealed')) })
      assert.equal((await reader.load()).size, 3)
      assert.deepEqual(bytes(await reader.readLeaves(0, 3)), ['leaf 0', 'leaf 1', 'leaf 2'])
    }
    await using again = await open()
    const { size, lastTime } = await again.load()
    assert.deepEqual({ size, lastTime }, { size: 3, lastTime: 1_002 })
    assert.equal(String(Buffer.from((await again.readSealed(2)) ?? [])), 'sealed')
  },

  'commit keeps bytes as they are: empty, large, and of every value': async (open) => {
    await using store = await open()
    const leaf = Buffer.alloc(65_535, 7)
    const sealed = Buffer.from(Array.from({ length: 256 }, (_, value) => value))
    await store.commit({ ...noChanges, entries: [{ seq: 0, time: 1, leaf, sealed }] })
    await store.commit({ ...noChanges, entries: [{ seq: 1, time: 1, leaf: new Uint8Array([0]) }] })
    assert.deepEqual(Buffer.from((await store.readLeaves(0, 1))[0] ?? []), leaf)
    assert.deepEqual(Buffer.from((await store.readSealed(0)) ?? []), sealed)
    assert.equal(await store.readSealed(1), null)
  },

  'commit refuses an index that is taken with STORE_CONFLICT, and writes nothing of that batch': async (
    open,
  ) => {
    await using store = await open()
    await store.commit({ ...noChanges, entries: entriesFrom(0, 2) })
    const batch: Batch = {
      entries: [...entriesFrom(2, 1), ...entriesFrom(1, 1)],
      intentsOpened: [{ ...intent, seq: 2 }],
      intentsClosed: [],
      spent: [{ seq: 2, agreement: 'department', micros: 5 }],
      holdsOpened: [hold],
      holdsClosed: [],
      activations: [{ ...activated, seq: 2 }],
    }
    await assert.rejects(store.commit(batch), { name: 'StoreError', code: 'STORE_CONFLICT' })
    assert.deepEqual(await store.load(), { ...empty, size: 2, lastTime: 1_001 })
    assert.deepEqual(bytes(await store.readLeaves(0, 9)), ['leaf 0', 'leaf 1'])
    await store.commit({ ...noChanges, entries: entriesFrom(2, 1) })
    assert.equal((await store.load()).size, 3)
  },

  'of two writers of the same index one gets STORE_CONFLICT': async (open) => {
    await using first = await open()
    await using second = await open()
    const batch = { ...noChanges, entries: entriesFrom(0, 1) }
    const results = await Promise.allSettled([first.commit(batch), second.commit(batch)])
    const refused = results.filter((result) => result.status === 'rejected')
    assert.equal(refused.length, 1)
    assert.equal((refused[0]?.reason as { code?: string }).code, 'STORE_CONFLICT')
  },

  'readLeaves gives ranges in order, to the end of the log and not beyond': async (open) => {
    await using store = await open()
    await store.commit({ ...noChanges, entries: entriesFrom(0, 10) })
    assert.deepEqual(bytes(await store.readLeaves(3, 5)), ['leaf 3', 'leaf 4'])
    assert.deepEqual(bytes(await store.readLeaves(9, 99)), ['leaf 9'])
    assert.deepEqual(bytes(await store.readLeaves(4, 4)), [])
    assert.deepEqual(bytes(await store.readLeaves(10, 20)), [])
  },

  'readLeaves gives at most leavesMax at a time': async (open) => {
    await using store = await open()
    for (let seq = 0; seq < leavesMax + 10; seq += 1_000) {
      await store.commit({ ...noChanges, entries: entriesFrom(seq, 1_000) })
    }
    const leaves = await store.readLeaves(5, leavesMax + 10)
    assert.equal(leaves.length, leavesMax)
    assert.equal(bytes(leaves).at(-1), `leaf ${leavesMax + 4}`)
  },

  'commit takes thousands of rows of one kind': async (open) => {
    await using store = await open()
    const count = 12_000
    const intents = Array.from({ length: count }, (_, seq) => ({ ...intent, exchange: `ex_${seq}`, seq }))
    await store.commit({ ...noChanges, entries: entriesFrom(0, count), intentsOpened: intents })
    assert.equal((await store.load()).intents.length, count)
    const closed = intents.map(({ exchange }) => exchange)
    await store.commit({ ...noChanges, entries: entriesFrom(count, 1), intentsClosed: closed })
    assert.equal((await store.load()).intents.length, 0)
  },

  'an intent is loaded until it is closed, in the order of the log': async (open) => {
    await using store = await open()
    const second = { ...intent, exchange: 'ex_0', seq: 1, reservedMicros: Number.MAX_SAFE_INTEGER }
    await store.commit({ ...noChanges, entries: entriesFrom(0, 2), intentsOpened: [intent, second] })
    assert.deepEqual((await store.load()).intents, [intent, second])
    await store.commit({ ...noChanges, entries: entriesFrom(2, 1), intentsClosed: ['ex_1'] })
    assert.deepEqual((await store.load()).intents, [second])
  },

  'an intent that is opened and closed in one batch is not loaded': async (open) => {
    await using store = await open()
    await store.commit({
      ...noChanges,
      entries: entriesFrom(0, 2),
      intentsOpened: [intent],
      intentsClosed: ['ex_1'],
    })
    assert.deepEqual((await store.load()).intents, [])
  },

  'what is spent adds up, within a batch and over batches': async (open) => {
    await using store = await open()
    const five = (seq: number) => ({ seq, agreement: 'department', micros: 5 })
    const large = { seq: 2, agreement: 'hospital', micros: 2 ** 50 }
    await store.commit({ ...noChanges, entries: entriesFrom(0, 4), spent: [five(0), five(1), large] })
    await store.commit({ ...noChanges, entries: entriesFrom(4, 1), spent: [five(4)] })
    const expected = new Map([
      ['department', 15],
      ['hospital', 2 ** 50],
    ])
    assert.deepEqual((await store.load()).spent, expected)
    assert.deepEqual(await store.readSpent(1, 4), [five(1), large])
    assert.deepEqual(await store.readSpent(3, 99), [five(4)])
  },

  'a hold is loaded until it is closed': async (open) => {
    await using store = await open()
    const other = { ...hold, id: 'hold_2', exchange: 'ex_2', expiresAt: 9_000, rules: [], asks: [] }
    await store.commit({ ...noChanges, entries: entriesFrom(0, 2), holdsOpened: [hold, other] })
    assert.deepEqual((await store.load()).holds, [hold, other])
    await store.commit({ ...noChanges, entries: entriesFrom(2, 1), holdsClosed: ['hold_1'] })
    assert.deepEqual((await store.load()).holds, [other])
  },

  'all activations are loaded, in the order of the log': async (open) => {
    await using store = await open()
    const rows = [1, 2, 3].map((version, seq) => ({ ...activated, seq, version }))
    for (const row of rows) {
      await store.commit({ ...noChanges, entries: entriesFrom(row.seq, 1), activations: [row] })
    }
    assert.deepEqual((await store.load()).activations, rows)
  },
}

/** Registers a test for each promise of the contract. */
export function testRecorderStore(name: string, create: () => Promise<StoreUnderTest>): void {
  for (const [claim, run] of Object.entries(cases)) {
    test(`${name}: ${claim}`, async () => {
      await using rows = await create()
      await run(() => rows.open())
    })
  }
}
