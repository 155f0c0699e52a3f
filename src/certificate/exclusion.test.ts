import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isErrorCode } from '../base/index.ts'
import { formatLeaf, merkleRoot } from '../ledger/index.ts'
import { CertificateError } from './certificate-error.ts'
import { exclusionStatement } from './exclusion.ts'
import type { ExclusionStatement } from './statement.ts'
import { activation, agencyKey, certificateEntry, gateKey, intent, minute } from './sample-logs.ts'
import { openSampleLog, outcome, sampleLogs } from './sample-logs.ts'
import { logOfPeriod } from './sample-certificates.ts'
import type { SampleLog } from './sample-logs.ts'

function certify(log: SampleLog, [from, to]: readonly [number, number] = [10, 20], supplier = 'nimbus') {
  const entry = log.add(30, certificateEntry(supplier, from, to))
  return stated(log, { entry, supplier, from, to })
}

function stated(
  log: SampleLog,
  { from, to, ...query }: { entry: number; supplier: string; from: number; to: number },
): ExclusionStatement {
  const entries = log.leaves.map((leaf) => [leaf, formatLeaf(leaf)] as const)
  return exclusionStatement(entries, { ...query, from: minute(from), to: minute(to) })
}

function refused(code: string, index?: number) {
  return (error: unknown): boolean =>
    error instanceof CertificateError &&
    isErrorCode(error, code) &&
    (index === undefined || error.index === index)
}

test('exclusionStatement counts what lies in the period, its start and not its end', () => {
  const log = logOfPeriod()
  const { limits, predicate, ...statement } = certify(log)
  assert.ok(limits.length > 5)
  assert.equal(predicate.name, 'servanda/exclusion')
  const iso = (count: number) => new Date(minute(count)).toISOString()
  assert.deepEqual(statement, {
    v: 1,
    certificate: 'exclusion',
    supplier: 'nimbus',
    from: iso(10),
    to: iso(20),
    origin: agencyKey.origin,
    role: 'agency',
    size: 15,
    root: Buffer.from(merkleRoot(log.entries())).toString('base64'),
    entry: 14,
    begins: iso(0),
    coversWholePeriod: true,
    range: { start: 5, end: 11, before: { index: 4, time: iso(9) }, after: { index: 11, time: iso(20) } },
    counts: {
      entries: 6,
      calls: 2,
      toSupplier: 0,
      refusedToSupplier: 2,
      turnedAway: 0,
      gaps: 0,
      gapRefusals: 0,
      interrupted: 0,
    },
    callsByProvider: { cumulus: 2 },
    supplierNamed: true,
    demo: false,
    rehearsal: false,
    oneParty: true,
  })
})

test('exclusionStatement says no more when entries follow the one that bounds it', () => {
  const log = logOfPeriod()
  const before = certify(log)
  log.add(40, intent('ex_later', 'nimbus'))
  assert.deepEqual(stated(log, { entry: 14, supplier: 'nimbus', from: 10, to: 20 }), before)
})

test('exclusionStatement names the first call to the supplier, and certifies nothing', () => {
  for (const [period, first] of [
    [[10, 20], 8],
    [[0, 30], 8],
    [[15, 16], 8],
  ] as const) {
    assert.throws(() => certify(logOfPeriod('nimbus'), period), refused('CERTIFICATE_IMPOSSIBLE', first))
  }
  for (const period of [
    [0, 15],
    [16, 30],
  ] as const) {
    assert.equal(certify(logOfPeriod('nimbus'), period).counts.toSupplier, 0)
  }
})

test('exclusionStatement takes a call that still runs when the period begins for one in it', () => {
  for (const ends of [10, null]) {
    const log = openSampleLog()
    log.add(0, { kind: 'opened', origin: agencyKey.origin })
    log.add(0, activation())
    const of = log.add(9, intent('ex_long', 'nimbus'))
    if (ends !== null) log.add(ends, outcome('ex_long', of))
    assert.throws(() => certify(log), refused('CERTIFICATE_IMPOSSIBLE', of))
  }
})

test('exclusionStatement takes a call that names no provider for one to the supplier', () => {
  const log = openSampleLog()
  log.add(0, { kind: 'opened', origin: agencyKey.origin })
  log.add(0, activation())
  const of = log.add(12, intent('ex_nobody'))
  assert.throws(() => certify(log), refused('CERTIFICATE_IMPOSSIBLE', of))
})

test('exclusionStatement counts what a gate served and turned away', async () => {
  const { gate } = await sampleLogs([
    { at: 12, outcome: 'completed', served: 'answered' },
    { at: 13, outcome: 'interrupted', served: 'interrupted' },
  ])
  gate.add(14, { kind: 'turned-away', reason: 'missing', count: 7, intents: [] })
  const statement = certify(gate)
  assert.deepEqual([statement.role, statement.origin], ['gate', gateKey.origin])
  const { calls, turnedAway, interrupted } = statement.counts
  assert.deepEqual([calls, turnedAway, interrupted], [2, 7, 1])
  assert.equal(statement.supplierNamed, false)
  const again = await sampleLogs([{ at: 12, outcome: 'completed', served: 'answered' }])
  assert.throws(() => certify(again.gate, [10, 20], 'cumulus'), refused('CERTIFICATE_IMPOSSIBLE', 2))
})

test('exclusionStatement says what it cannot speak of: gaps, demonstration, rehearsal, the time before the log', () => {
  const log = openSampleLog()
  log.add(11, { kind: 'opened', origin: agencyKey.origin })
  log.add(11, { ...activation(), demo: true } as Parameters<SampleLog['add']>[1])
  const of = log.add(12, intent('ex_1', 'cumulus', { upstream: 'rehearsal' }))
  log.add(12, { kind: 'outcome', exchange: 'ex_1', intent: of, status: 'interrupted' })
  log.add(13, { kind: 'gap', refusals: 4 })
  const { demo, rehearsal, coversWholePeriod, counts, range } = certify(log)
  assert.deepEqual([demo, rehearsal, coversWholePeriod], [true, true, false])
  assert.deepEqual([counts.gaps, counts.gapRefusals, counts.interrupted], [1, 4, 1])
  assert.deepEqual([range.start, range.before], [0, null])
})

test('exclusionStatement refuses a period that is none or has not ended', () => {
  for (const period of [
    [20, 10],
    [10, 10],
    [10, 31],
  ] as const) {
    assert.throws(() => certify(logOfPeriod(), period), refused('CERTIFICATE_PERIOD'))
  }
})

test('exclusionStatement refuses an entry that asks for something else, or is not there', () => {
  const log = logOfPeriod()
  certify(log)
  const right = { entry: 14, supplier: 'nimbus', from: 10, to: 20 }
  for (const change of [{ entry: 13 }, { supplier: 'cirrus' }, { from: 11 }, { to: 19 }]) {
    assert.throws(() => stated(log, { ...right, ...change }), refused('CERTIFICATE_FALSE'))
  }
  assert.throws(() => stated(log, { ...right, entry: 15 }), refused('CERTIFICATE_NOT_COVERED'))
})
