import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvariantError, JsonError } from '../base/index.ts'
import { RecorderError } from '../recorder/index.ts'
import { StandingError } from '../standing/index.ts'
import { UpstreamError } from '../upstream/index.ts'
import { AnswerError } from './chat/index.ts'
import { isOurFault, problemBody, problemOf } from './problem.ts'
import { DialectError } from './shape.ts'

const secret = 'text-from-inside'
const cause = { cause: new Error(secret) }
const rows: readonly (readonly [Error, number, string])[] = [
  [new JsonError('JSON_INVALID', 'not valid', cause), 400, 'invalid_request'],
  [new DialectError('REQUEST_UNKNOWN_FIELD', 'a', 'm'), 400, 'unknown_field'],
  [new DialectError('REQUEST_MISSING_FIELD', 'a', 'm'), 400, 'invalid_request'],
  [new DialectError('REQUEST_BAD_VALUE', 'a', 'm'), 400, 'invalid_request'],
  [new DialectError('REQUEST_UNINSPECTABLE', 'a', 'm'), 400, 'uninspectable_content'],
  [new StandingError('STANDING_STALE', secret), 503, 'standing_unknown'],
  [new StandingError('STANDING_INVALID', secret), 503, 'standing_unknown'],
  [new RecorderError('RECORDER_UNAVAILABLE', secret), 503, 'ledger_unavailable'],
  [new RecorderError('RECORDER_CONFLICT', secret), 503, 'ledger_unavailable'],
  [new RecorderError('RECORDER_DAMAGED', secret), 503, 'ledger_unavailable'],
  [new AnswerError('ANSWER_NONSENSE', secret, cause), 502, 'upstream_nonsense'],
  [new UpstreamError('UPSTREAM_TIMEOUT', secret), 504, 'upstream_timeout'],
  [new UpstreamError('UPSTREAM_MALFORMED', secret), 502, 'upstream_nonsense'],
  [new UpstreamError('UPSTREAM_TOO_LARGE', secret), 502, 'upstream_nonsense'],
  [new UpstreamError('UPSTREAM_CUT', secret), 502, 'upstream_nonsense'],
  [new UpstreamError('UPSTREAM_CONFIGURATION', secret), 502, 'upstream_unavailable'],
  [new UpstreamError('UPSTREAM_UNREACHABLE', secret), 502, 'upstream_unavailable'],
  [new UpstreamError('UPSTREAM_BUSY', secret), 502, 'upstream_unavailable'],
  [new UpstreamError('UPSTREAM_ABORTED', secret), 502, 'upstream_unavailable'],
  [new InvariantError(secret), 500, 'internal'],
  [new TypeError(secret, cause), 500, 'internal'],
]

for (const [error, status, code] of rows) {
  const name = 'code' in error ? String(error.code) : error.name
  test(`${name} becomes ${status} ${code} and tells nothing of its inside`, () => {
    const problem = problemOf(error)
    assert.deepEqual([problem.status, problem.code], [status, code])
    assert.ok(!JSON.stringify(problemBody(problem, 'ex_1')).includes(secret))
    assert.equal(isOurFault(error), status === 500)
  })
}

test('what is no error at all is our fault too', () => assert.equal(problemOf(secret).code, 'internal'))
