import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Amounts } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { committedShare, committedShares, percentOf, shareText } from './committed-share.ts'

const amounts: Amounts = {
  ...{ clause: '8', currency: 'USD', ceilingMicros: 100_000_000, allottedMicros: 10_500_000 },
  warningPercent: 75,
}
const shareOf = (committed: number, changes: Partial<Amounts> = {}) =>
  committedShare({ id: 'sample', amounts: { ...amounts, ...changes } }, committed)

test('committedShare warns from the share on that the agreement names, to the millionth', () => {
  assert.equal(shareOf(7_874_999)?.isWarning, false)
  assert.equal(shareOf(7_875_000)?.isWarning, true)
  assert.equal(shareOf(0)?.isWarning, false)
  const most = { ceilingMicros: Number.MAX_SAFE_INTEGER, allottedMicros: Number.MAX_SAFE_INTEGER - 1 }
  const half = (Number.MAX_SAFE_INTEGER - 1) / 2
  assert.equal(shareOf(half - 1, { ...most, warningPercent: 50 })?.isWarning, false)
  assert.equal(shareOf(half, { ...most, warningPercent: 50 })?.isWarning, true)
})

test('committedShare warns of nothing where no share is named, and knows no share without money', () => {
  const { warningPercent, ...plain } = amounts
  assert.equal(warningPercent, 75)
  const share = committedShare({ id: 'sample', amounts: plain }, 10_500_000)
  assert.deepEqual([share?.isWarning, share?.warningPercent], [false, null])
  assert.equal(committedShare({ id: 'sample' }, 1), null)
})

test('shareText says what is committed of what, and nothing allotted is all committed', () => {
  const share = shareOf(8_000_000)
  assert.ok(share)
  assert.equal(
    shareText(share),
    '76 % of what is allotted under `sample` is spent or reserved: 8 of 10.5 USD',
  )
  assert.equal(percentOf({ committedMicros: 0, allottedMicros: 0 }), 100)
  assert.equal(shareOf(0, { allottedMicros: 0 })?.isWarning, true)
})

test('committedShares asks what is committed under each agreement with money, and binds none', async () => {
  const withMoney = requireAgreement(sampleText())
  const without = requireAgreement(sampleText({ id: 'other', lines: { amounts: 'absent' } }))
  const open = new Set<number>()
  const recorder = {
    reserve: (agreement: string, micros: number) => {
      assert.deepEqual([agreement, micros], ['sample', 0])
      open.add(4)
      return Promise.resolve({ id: 4, committedMicros: 8_000_000 })
    },
    release: (id: number) => void open.delete(id),
  }
  const shares = await committedShares([{ agreement: withMoney }, { agreement: without }], recorder)
  assert.deepEqual(
    shares.map(({ agreement, committedMicros }) => [agreement, committedMicros]),
    [['sample', 8_000_000]],
  )
  assert.equal(open.size, 0)
})
