/**
 * Which members of a set may lighten a decision by being there. Every other member can only add a rule that refuses:
 * a box without it is told as "unless another rule speaks".
 */
import type { Agreement } from '../agreement.ts'
import type { SetAttribute, Test } from '../rule.ts'

/** `chain clinic`: members that a permit asks for, or that keep a forbid from applying. */
export function lighteningMembers({ rules }: Agreement): ReadonlySet<string> {
  return new Set(rules.flatMap(({ effect, test }) => membersWith(test, effect === 'permit')))
}

export function memberKey(attribute: SetAttribute, word: string): string {
  return `${attribute} ${word}`
}

/** The members whose presence makes a test true, or false where `wanted` is false. */
function membersWith(test: Test, wanted: boolean): string[] {
  switch (test.op) {
    case 'set-has':
      return wanted ? [memberKey(test.attribute, test.word)] : []
    case 'not':
      return membersWith(test.test, !wanted)
    case 'all':
    case 'any':
      return test.tests.flatMap((part) => membersWith(part, wanted))
    case 'true':
    case 'false':
    case 'unit-is':
    case 'unit-in':
    case 'action-is':
    case 'model-is':
    case 'provider-in':
    case 'word-is':
    case 'compare':
      return []
  }
}
