/** Acts that wait for people in some cases only. */
import type { AgreementSource } from '../read-agreement.ts'
import type { Report } from '../report.ts'
import type { Rule, Test } from '../rule.ts'
import { generate } from '../schedule.ts'
import type { CallSearch } from './search.ts'

/**
 * Where a clause lets people decide about a class of act, a call of that class that passes without anybody's approval
 * is the way around it. A hold on findings, origins, purposes or money names no class of act and is not meant.
 */
export function lintControl(
  { agreement, rulePlaces }: AgreementSource,
  search: CallSearch,
  report: Report,
): void {
  const permits = agreement.rules.filter(({ effect }) => effect === 'permit')
  const forbids = agreement.rules.filter(({ effect }) => effect === 'forbid').map(({ test }) => test)
  const passing = new Map<string, boolean>()
  function passes(action: string): boolean {
    const known = passing.get(action)
    if (known !== undefined) return known
    const isAction: Test = { op: 'action-is', actions: [action] }
    const found = permits.some(({ test }) => search.find([test, isAction], forbids).found === 'region')
    passing.set(action, found)
    return found
  }
  for (const rule of agreement.rules) {
    const at = rulePlaces.get(rule.id)
    if (at === undefined) continue
    for (const action of heldActions(rule).filter(passes)) {
      report({
        code: 'LINT_CONTROL_CONDITIONAL',
        severity: 'warning',
        at,
        clause: rule.clause,
        message: `\`${action}\` waits for people here, and passes without anybody in other cases`,
        help: 'let every act of the class wait, or forbid the cases in which nobody decides',
      })
    }
  }
}

/** The classes of act that a hold names; a model call is held for what it is about, not for being one. */
function heldActions({ test, liftedBy }: Rule): readonly string[] {
  if (liftedBy.length === 0) return []
  const parts = test.op === 'all' ? test.tests : [test]
  return parts.flatMap((part) =>
    part.op === 'action-is' ? part.actions.filter((action) => action !== generate) : [],
  )
}
