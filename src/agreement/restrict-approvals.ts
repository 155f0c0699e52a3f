/** Approvals in a policy: they lift a forbid, stand in an `unless` of their own, and anywhere else are refused. */
import { attributeOf, chainOf, entitiesOf, isList, isNode, isSet, operation } from './cedar-nodes.ts'
import type { Place, Refusal } from './refusal.ts'

export function mentionsApprovals(node: unknown): boolean {
  if (isList(node)) return node.some(mentionsApprovals)
  if (!isNode(node)) return false
  if (attributeOf(node) === 'approvals') return true
  return Object.values(node).some(mentionsApprovals)
}

/** The levels of `unless { approvals.contains(a) && approvals.contains(b) }`. */
export function approvalsOf(body: unknown, place: Place): string[] {
  if (place.effect === 'permit') {
    const help = 'approvals lift a forbid: write the `forbid … unless` beside the permit'
    place.refuse({
      code: 'AGREEMENT_PERMIT_READS',
      message: 'a permit reads approvals',
      help,
      near: 'approvals',
    })
    return []
  }
  const levels: string[] = []
  for (const each of chainOf(body, '&&')) {
    const [operator, operand] = operation(each)
    const pair = isNode(operand) ? operand : {}
    const level = entitiesOf(pair.right)?.[0]
    if (
      operator === 'contains' &&
      attributeOf(pair.left) === 'approvals' &&
      level?.type === 'Level' &&
      !isSet(pair.right)
    ) {
      levels.push(level.id)
      continue
    }
    place.refuse({
      code: 'AGREEMENT_APPROVALS',
      message: 'an `unless` with approvals holds something else too',
      help: 'join only `context.approvals.contains(Level::"…")` with `&&`; put other conditions into another part',
      near: 'approvals',
    })
  }
  return levels
}

export const approvalsElsewhere: Refusal = {
  code: 'AGREEMENT_APPROVALS',
  message: 'approvals stand outside an `unless` of a forbid',
  help: 'write `forbid (…) when {…} unless { context.approvals.contains(Level::"…") };`',
  near: 'approvals',
}
