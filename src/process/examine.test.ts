/** What keeps a version from coming into force, found away from the event loop. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amendmentOf } from '../agreement/index.ts'
import type { Dispute } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { sampleStanding } from '../gateway/sample-exchange.fixture.ts'
import { requireAcceptable } from './accept-standing.ts'
import { examine, examineReading } from './examine.ts'

const first = requireAgreement(sampleText())
const amounts = '{ currency: USD, ceiling: 100, allotted: 20, clause: "8" }'
const looser = requireAgreement(sampleText({ version: 2, previous: first.hash, lines: { amounts } }))

async function turnsDuring(work: () => Promise<void>): Promise<number> {
  let turns = 0
  const turning = setInterval(() => turns++, 5)
  await work()
  clearInterval(turning)
  return turns
}

test('examine lets through what check and cedar find good, and nothing waits for it meanwhile', async () => {
  const turns = await turnsDuring(() => examine(looser, first))
  assert.ok(turns > 10, `the event loop turned ${turns} times`)
  assert.equal(amendmentOf(first, looser).loosens, true)
  await examine(first, undefined)
})

test('examine refuses what lint finds an error in, and says where', async () => {
  const conditional = requireAgreement(
    sampleText().replace(
      '## 6 Exclusions\n',
      '## 6 Exclusions\n\nWhere the law requires human control, a person decides.\n',
    ),
  )
  await assert.rejects(examine(conditional, undefined), {
    code: 'AGREEMENT_UNSIGNABLE',
    message: /LINT_CONTROL_CONDITIONAL/,
  })
})

const disputed = (reading: string): Dispute => ({
  ...{ v: 1, id: 'dispute_1', agreement: 'sample', text: first.hash, clause: '3' },
  ...{ reading, reason: 'sha256:00', issued: '2026-11-20T15:00:00.000Z' },
})

test('examineReading lets through a reading by which cedar decides too, and nothing waits for it', async () => {
  const reading = 'forbid (principal, action, resource) when { context.consumer == Consumer::"batch" };'
  const turns = await turnsDuring(() => examineReading(first, disputed(reading)))
  assert.ok(turns > 10, `the event loop turned ${turns} times`)
})

test('examineReading refuses a reading that cannot act', async () => {
  const reading = 'permit (principal, action, resource);'
  await assert.rejects(examineReading(first, disputed(reading)), { code: 'DISPUTE_FALSE' })
})

test('requireAcceptable takes what a worker could stand on', async () => {
  const standing = await sampleStanding()
  requireAcceptable({ role: 'agency', gates: null }, standing)
  requireAcceptable({ role: 'agency', gates: { meridian: 'http://gate.example' } }, standing)
})

test('requireAcceptable refuses a signal without a detector, and a gate for a provider of no agreement', async () => {
  const signals =
    '{ population-watch: { clause: "4.1" }, force-advice: { clause: "4.1" }, unheard-of: { clause: "4.1" } }'
  const standing = await sampleStanding({ lines: { signals } })
  assert.throws(() => requireAcceptable({ role: 'agency', gates: null }, standing), {
    code: 'STANDING_INVALID',
    message: /no detector finds `unheard-of`/,
  })
  requireAcceptable({ role: 'gate', gates: null }, standing)
  const gates = { another: 'http://gate.example' }
  assert.throws(() => requireAcceptable({ role: 'agency', gates }, { agreements: new Map() }), {
    code: 'SETTINGS_INVALID',
  })
})
