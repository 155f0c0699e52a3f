/** What of Cedar is not accepted, and how that is said. */
import { isNode } from './cedar-nodes.ts'
import type { DiagnosticCode } from './diagnostic.ts'
import type { Effect, Test } from './rule.ts'

export interface Refusal {
  readonly code: DiagnosticCode
  readonly message: string
  readonly help?: string
  /** A token of the policy near which the reader should look. */
  readonly near: string
}

/** Where in a policy a condition stands, and who hears that it is refused. */
export interface Place {
  readonly effect: Effect
  /** Under a `!` or in an `unless`; a second negation does not undo it. */
  readonly negated: boolean
  refuse(refusal: Refusal): Test
}

const operatorNames: Readonly<Record<string, readonly [near: string, what: string, help?: string]>> = {
  '+': ['+', 'arithmetic', 'compare with a constant'],
  '-': ['-', 'arithmetic', 'compare with a constant'],
  '*': ['*', 'arithmetic', 'compare with a constant'],
  neg: ['-', 'arithmetic', 'compare with a constant'],
  like: ['like', '`like`', 'list the words in the schedule'],
  'if-then-else': ['if', '`if`', 'write two rules, or use `&&` and `||`'],
  has: ['has', '`has`', 'every attribute of `context` is always there'],
  is: ['is', '`is` in a condition', 'put it into the scope'],
  isEmpty: ['isEmpty', '`isEmpty`', 'name the words with `contains`'],
  getTag: ['getTag', 'a tag'],
  hasTag: ['hasTag', 'a tag'],
  Record: ['{', 'a record'],
  Slot: ['?', 'a template', 'write one policy for each case'],
}

/** Refuses an operator that no other place of this reader accepts. */
export function refuseOperator(operator: string, operand: unknown, place: Place): Test {
  const known = Object.hasOwn(operatorNames, operator) ? operatorNames[operator] : undefined
  if (known !== undefined) return place.refuse(notAccepted(known[1], known[0], known[2]))
  if (operator === '.') {
    const attr = isNode(operand) && typeof operand.attr === 'string' ? operand.attr : ''
    return place.refuse(notAccepted(`\`${attr}\` as a condition`, attr))
  }
  return place.refuse(notAccepted(`\`${operator}\` as a condition`, operator))
}

export function notAccepted(what: string, near: string, help?: string): Refusal {
  return {
    code: 'AGREEMENT_NOT_ACCEPTED',
    message: `${what} is not accepted`,
    near,
    ...(help === undefined ? {} : { help }),
  }
}
