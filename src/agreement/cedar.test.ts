import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePolicy, withoutApprovals } from './cedar.ts'

test('withoutApprovals takes away what lifts a forbid, and no exception that only names a word like it', () => {
  const forbid = 'forbid (principal, action, resource)'
  const exception = 'unless { context.purpose == Purpose::"approvals" }'
  const held = `${forbid} ${exception} unless { context.approvals.contains(Level::"two-person") };`
  assert.deepEqual(parsePolicy(withoutApprovals(held)), parsePolicy(`${forbid} ${exception};`))
})
