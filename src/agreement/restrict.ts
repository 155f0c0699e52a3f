/**
 * From Cedar's own JSON form of a policy to the restricted form. Whatever is not recognised here is refused, so
 * a later version of Cedar with more in it can widen nothing.
 */
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import {
  attributeOf,
  chainOf,
  datetimeOf,
  entitiesOf,
  isConstant,
  isList,
  isNode,
  longOf,
  operation,
  plainEntities,
  variableOf,
} from './cedar-nodes.ts'
import type { Entity, Node } from './cedar-nodes.ts'
import { approvalsElsewhere, approvalsOf, mentionsApprovals } from './restrict-approvals.ts'
import { notAccepted, refuseOperator } from './refusal.ts'
import type { Place, Refusal } from './refusal.ts'
import { orderedAttributes } from './rule.ts'
import type { Comparator, Effect, OrderedAttribute, Test, WordAttribute } from './rule.ts'

export interface Restricted {
  readonly effect: Effect
  readonly test: Test
  readonly liftedBy: readonly string[]
  /** Empty where the policy is accepted. */
  readonly refusals: readonly Refusal[]
}

const nothing: Test = { op: 'false' }
const always: Test = { op: 'true' }

const wordTypes: Readonly<Record<WordAttribute, string>> = {
  purpose: 'Purpose',
  surface: 'Surface',
  consumer: 'Consumer',
  stage: 'Stage',
}
const setTypes = { chain: 'Unit', provenance: 'Provenance', findings: 'Signal' } as const

export function restrictPolicy(json: PolicyJson): Restricted {
  const refusals: Refusal[] = []
  const { effect } = json
  function refuse(refusal: Refusal): Test {
    refusals.push(refusal)
    return nothing
  }
  const scope: Place = { effect, negated: false, refuse }
  const tests = [
    scopeTest('principal', json.principal, scope),
    scopeTest('action', json.action, scope),
    scopeTest('resource', json.resource, scope),
  ]
  if (json.annotations !== undefined && Object.keys(json.annotations).length > 0) {
    refuse(notAccepted('an annotation', '@', 'say it in the prose; here it has no effect'))
  }
  const lifts: string[][] = []
  for (const { kind, body } of json.conditions) {
    if (kind === 'unless' && mentionsApprovals(body)) lifts.push(approvalsOf(body, scope))
    else if (kind === 'when') tests.push(testOf(body, { effect, negated: false, refuse }))
    else tests.push({ op: 'not', test: testOf(body, { effect, negated: true, refuse }) })
  }
  if (lifts.length > 1) {
    refuse({
      code: 'AGREEMENT_APPROVALS',
      message: 'approvals stand in two `unless` parts, so either would do',
      help: 'name all levels in one `unless`, joined with `&&`',
      near: 'approvals',
    })
  }
  return { effect, test: all(tests), liftedBy: [...new Set(lifts.flat())], refusals }
}

function scopeTest(variable: 'principal' | 'action' | 'resource', constraint: unknown, place: Place): Test {
  const node = constraint as Node
  switch (node.op) {
    case 'All':
      return always
    case '==':
      return entityTest(variable, '==', plainEntities([node.entity]), place)
    case 'in':
      return entityTest(
        variable,
        'in',
        plainEntities(isList(node.entities) ? node.entities : [node.entity]),
        place,
      )
    case 'is': {
      const type = variable === 'principal' ? 'Unit' : 'Model'
      if (node.entity_type !== type) break
      if (node.in === undefined) return always
      return entityTest(variable, 'in', plainEntities([(node.in as Node).entity]), place)
    }
  }
  return place.refuse(notAccepted(`this scope of \`${variable}\``, variable))
}

/** `principal == …`, `action in …`, `resource in …` against constants. */
function entityTest(
  variable: string,
  operator: '==' | 'in',
  entities: readonly Entity[] | null,
  place: Place,
): Test {
  const type = entities?.[0]?.type
  if (entities === null || type === undefined || entities.some((entity) => entity.type !== type)) {
    return place.refuse(
      notAccepted(`this test of \`${variable}\``, variable, 'compare it with entities of one type'),
    )
  }
  const ids = entities.map((entity) => entity.id)
  if (variable === 'principal' && type === 'Unit') {
    return operator === 'in'
      ? { op: 'unit-in', units: ids }
      : any(ids.map((unit) => ({ op: 'unit-is', unit })))
  }
  if (variable === 'action' && type === 'Action') return { op: 'action-is', actions: ids }
  if (variable === 'resource' && type === 'Model') return any(ids.map((model) => ({ op: 'model-is', model })))
  if (variable === 'resource' && type === 'Provider' && operator === 'in')
    return { op: 'provider-in', providers: ids }
  return place.refuse(notAccepted(`\`${variable} ${operator} ${type}::…\``, type))
}

/** One condition. Each JSON node is an object with one key, the operator. */
function testOf(node: unknown, place: Place): Test {
  const [operator, operand] = operation(node)
  switch (operator) {
    case 'Value':
      if (typeof operand === 'boolean') return operand ? always : nothing
      break
    case '&&':
      return all(chainOf(node, '&&').map((each) => testOf(each, place)))
    case '||':
      return any(chainOf(node, '||').map((each) => testOf(each, place)))
    case '!':
      return {
        op: 'not',
        test: testOf((operand as Node).arg, { ...place, negated: true }),
      }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparisonTest(operator, operand as Node, place)
    case 'in':
      return membershipTest(operand as Node, place)
    case 'contains':
    case 'containsAll':
    case 'containsAny':
      return setTest(operator, operand as Node, place)
  }
  return refuseOperator(operator, operand, place)
}

const mirrored: Readonly<Record<Comparator, Comparator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

function comparisonTest(comparison: Comparator, { left, right }: Node, place: Place): Test {
  const swap = isConstant(left) && !isConstant(right)
  const [subject, constant, sign] = swap ? [right, left, mirrored[comparison]] : [left, right, comparison]
  const attribute = attributeOf(subject)
  if (isOrderedAttribute(attribute)) return orderedTest(attribute, sign, constant, place)
  if (sign !== '==' && sign !== '!=') {
    return place.refuse(
      notAccepted(
        `this \`${sign}\``,
        comparison,
        'compare `context.time`, `context.committed` or `context.persons` with a constant',
      ),
    )
  }
  const variable = variableOf(subject)
  const entities = entitiesOf(constant)
  if (isNode(constant) && 'Set' in constant) {
    return place.refuse(
      notAccepted('a comparison of sets', comparison, 'use `contains`, `containsAll` or `containsAny`'),
    )
  }
  const test =
    variable !== null && variable !== 'context'
      ? entityTest(variable, '==', entities, place)
      : wordTest(attribute, entities, comparison, place)
  return sign === '==' ? test : { op: 'not', test }
}

function orderedTest(
  attribute: OrderedAttribute,
  comparison: Comparator,
  constant: unknown,
  place: Place,
): Test {
  const value = attribute === 'time' ? datetimeOf(constant) : longOf(constant)
  if (value !== null) return { op: 'compare', attribute, comparison, value }
  const form =
    attribute === 'time'
      ? 'a constant `datetime("2027-01-01T00:00:00Z")`'
      : 'a whole number up to 9007199254740991'
  return place.refuse(
    notAccepted(`this comparison of \`context.${attribute}\``, attribute, `compare it with ${form}`),
  )
}

function wordTest(
  attribute: string | null,
  entities: readonly Entity[] | null,
  near: string,
  place: Place,
): Test {
  if (
    !isWordAttribute(attribute) ||
    entities === null ||
    entities.some(({ type }) => type !== wordTypes[attribute])
  ) {
    const help = 'compare `principal`, `action`, `resource`, or a word of `context`, with constants'
    return place.refuse(notAccepted('this comparison', attribute ?? near, help))
  }
  return { op: 'word-is', attribute, words: entities.map((entity) => entity.id) }
}

function membershipTest({ left, right }: Node, place: Place): Test {
  const entities = entitiesOf(right)
  const variable = variableOf(left)
  if (entities !== null && variable !== null && variable !== 'context')
    return entityTest(variable, 'in', entities, place)
  const attribute = attributeOf(left)
  if (entities !== null && isWordAttribute(attribute)) return wordTest(attribute, entities, 'in', place)
  const help =
    attributeOf(right) === null
      ? 'name constants on the right of `in`'
      : `test it by \`context.${attributeOf(right) ?? ''}.contains(…)\``
  return place.refuse(notAccepted('this `in`', 'in', help))
}

function setTest(
  operator: 'contains' | 'containsAll' | 'containsAny',
  { left, right }: Node,
  place: Place,
): Test {
  const entities = entitiesOf(right)
  const attribute = attributeOf(left)
  if (operator === 'contains' && isNode(left) && 'Set' in left) return reversedTest(left, right, place)
  if (attribute === 'approvals') return place.refuse(approvalsElsewhere)
  if (
    !isSetAttribute(attribute) ||
    entities === null ||
    entities.some(({ type }) => type !== setTypes[attribute])
  ) {
    const help = 'write `context.chain`, `.provenance` or `.findings` on the left and constants on the right'
    return place.refuse(notAccepted(`this \`${operator}\``, operator, help))
  }
  if (attribute === 'findings') refuseFindings(place)
  const tests = entities.map(({ id }): Test => ({ op: 'set-has', attribute, word: id }))
  return operator === 'containsAny' ? any(tests) : all(tests)
}

/** `[Purpose::"a", Purpose::"b"].contains(context.purpose)` says the same as `context.purpose in […]`. */
function reversedTest(left: Node, right: unknown, place: Place): Test {
  const entities = entitiesOf(left)
  const variable = variableOf(right)
  if (variable !== null && variable !== 'context') return entityTest(variable, '==', entities, place)
  return wordTest(attributeOf(right), entities, 'contains', place)
}

function refuseFindings(place: Place): void {
  if (place.effect === 'permit') {
    const help = 'findings only ever forbid: write a `forbid` with the finding in its `when`'
    place.refuse({
      code: 'AGREEMENT_PERMIT_READS',
      message: 'a permit reads findings',
      help,
      near: 'findings',
    })
  } else if (place.negated) {
    const help = 'let the finding stand un-negated in `when`, so that more findings never lighten a decision'
    place.refuse({
      code: 'AGREEMENT_FINDING_NEGATED',
      message: 'a finding is negated',
      help,
      near: 'findings',
    })
  }
}

function isWordAttribute(name: string | null): name is WordAttribute {
  return name !== null && Object.hasOwn(wordTypes, name)
}

function isOrderedAttribute(name: string | null): name is OrderedAttribute {
  return orderedAttributes.some((each) => each === name)
}

function isSetAttribute(name: string | null): name is keyof typeof setTypes {
  return name !== null && Object.hasOwn(setTypes, name)
}

/** Conjunction without what is always true; the empty one is true. */
function all(tests: readonly Test[]): Test {
  const rest = tests.filter((test) => test.op !== 'true')
  const [only] = rest
  return rest.length > 1 ? { op: 'all', tests: rest } : (only ?? always)
}

function any(tests: readonly Test[]): Test {
  const [only] = tests
  return tests.length > 1 ? { op: 'any', tests } : (only ?? nothing)
}
