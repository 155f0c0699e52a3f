import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ShareWarning } from './share-warning.ts'

const share = {
  ...{ agreement: 'sample', currency: 'USD', committedMicros: 8_000_000, allottedMicros: 10_500_000 },
  ...{ warningPercent: 75, isWarning: true },
}

test('ShareWarning tells of each agreement once, and of none whose share is not reached', () => {
  const told: string[] = []
  const warning = new ShareWarning((message) => void told.push(message))
  warning.note(null)
  warning.note({ ...share, isWarning: false })
  assert.deepEqual(told, [])
  for (const agreement of ['sample', 'other', 'sample', 'other']) warning.note({ ...share, agreement })
  assert.equal(told.length, 2)
  assert.match(
    told.join('|'),
    /^76 % of what is allotted under `sample` is spent or reserved: 8 of 10\.5 USD; tell/,
  )
  assert.match(told.join('|'), /denied\|76 % .* under `other`/)
})
