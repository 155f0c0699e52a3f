/** An agreement as the three files that the tools of Cedar take as they are: policies, schema, entities. */
import { formatPolicies } from '@cedar-policy/cedar-wasm/nodejs'
import type { EntityJson } from '@cedar-policy/cedar-wasm/nodejs'
import { unlisted } from '../../agreement/index.ts'
import type { Agreement } from '../../agreement/index.ts'
import { invariant } from '../../base/index.ts'

/** By file name. Every rule stands in `policies.cedar`, those that the schedule makes too. */
export function cedarFiles(agreement: Agreement): Readonly<Record<string, string>> {
  return {
    'policies.cedar': policiesText(agreement),
    // To the byte what the parties sign the digest of.
    'schema.cedarschema': agreement.cedar.schema,
    'entities.json': `${JSON.stringify(entitiesOf(agreement), null, 2)}\n`,
  }
}

function policiesText({ schedule, hash, rules, cedar }: Agreement): string {
  const head = [
    `// The rules of \`${schedule.id}\`, version ${schedule.version}, whose text is ${hash}.`,
    '// What Cedar denies may be a hold: docs/exports.md says how the two are told apart.',
  ]
  const policies = rules.map(({ id, clause }) => {
    const text = cedar.policies[id]
    invariant(text !== undefined, 'every rule has a policy')
    return formatted(`@id("${id}")\n@clause("${clause}")\n${text}`)
  })
  return `${head.join('\n')}\n\n${policies.join('\n')}`
}

/** One policy at a time: whatever the number of rules, the formatter's recursion is bounded by the compiler's limits. */
function formatted(policy: string): string {
  const answer = formatPolicies({ policyText: policy, lineWidth: 100, indentWidth: 2 })
  invariant(answer.type === 'success', 'what compiles is formatted')
  return `${answer.formatted_policy.trimEnd()}\n`
}

/** With `unlisted`, as which everything counts that the schedule does not list. */
function entitiesOf({ schedule }: Agreement): EntityJson[] {
  return [
    ...schedule.units.map(({ id, in: parent }) => entityOf('Unit', id, 'Unit', parent)),
    entityOf('Unit', unlisted),
    ...schedule.providers.map(({ id }) => entityOf('Provider', id)),
    entityOf('Provider', unlisted),
    ...schedule.models.map(({ id, provider }) => entityOf('Model', id, 'Provider', provider)),
    entityOf('Model', unlisted, 'Provider', unlisted),
  ]
}

function entityOf(type: string, id: string, parentType?: string, parent?: string): EntityJson {
  const parents = parentType === undefined || parent === undefined ? [] : [{ type: parentType, id: parent }]
  return { uid: { type, id }, attrs: {}, parents }
}
