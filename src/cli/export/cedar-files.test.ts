/** The exported files alone, given to Cedar as anyone would give them, decide as the oracle does. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  checkParseEntities,
  checkParsePolicySet,
  checkParseSchema,
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs'
import type { EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs'
import { compileAgreement, screeningFailed, unlisted } from '../../agreement/index.ts'
import type { Agreement } from '../../agreement/index.ts'
import { digestOf } from '../../base/index.ts'
import { createOracle } from '../../decision/oracle.ts'
import { randomFrom } from '../../decision/random.ts'
import { requestSource, requestsFor } from '../../decision/requests.ts'
import type { Request } from '../../decision/requests.ts'
import { cedarFiles } from './cedar-files.ts'

const examples = join(import.meta.dirname, '../../../examples')
const paths = globSync('*/v*.md', { cwd: examples }).sort()

interface Exported {
  readonly policies: string
  readonly schema: string
  readonly entities: EntityJson[]
}

function exported(agreement: Agreement): Exported {
  const files = cedarFiles(agreement)
  return {
    policies: files['policies.cedar'] ?? '',
    schema: files['schema.cedarschema'] ?? '',
    entities: JSON.parse(files['entities.json'] ?? '') as EntityJson[],
  }
}

function agreementAt(path: string): Agreement {
  const { agreement } = compileAgreement(readFileSync(join(examples, path), 'utf8'))
  assert.ok(agreement)
  return agreement
}

assert.ok(paths.length >= 4)
for (const path of paths) {
  test(`cedar takes the files of ${path} as they are, and validates them strictly`, () => {
    const agreement = agreementAt(path)
    const { policies, schema, entities } = exported(agreement)
    assert.deepEqual(checkParsePolicySet({ staticPolicies: policies }), { type: 'success' })
    assert.deepEqual(checkParseSchema(schema), { type: 'success' })
    assert.deepEqual(checkParseEntities({ entities, schema }), { type: 'success' })
    const answer = validate({
      validationSettings: { mode: 'strict' },
      schema,
      policies: { staticPolicies: policies },
    })
    assert.deepEqual(answer, {
      type: 'success',
      validationErrors: [],
      validationWarnings: [],
      otherWarnings: [],
    })
    assert.equal(schema, agreement.cedar.schema)
    assert.ok(policies.includes(digestOf(agreement.text)))
  })

  test(`every rule of ${path} is exported with its id and its clause`, () => {
    const agreement = agreementAt(path)
    const byId = (rules: readonly { readonly id?: string; readonly clause?: string }[]) =>
      new Map(rules.map(({ id, clause }) => [id, clause]))
    const annotated = partsOf(exported(agreement).policies).map((part) => annotationsOf(part) ?? {})
    assert.deepEqual(byId(annotated), byId(agreement.rules))
    assert.equal(annotated.length, agreement.rules.length)
  })

  test(`the exported files of ${path} decide as the oracle does`, () => {
    const agreement = agreementAt(path)
    const files = exported(agreement)
    const decide = deciderOf(files, agreement)
    const oracle = createOracle(agreement)
    const source = requestSource(agreement, randomFrom(7))
    const verdicts = new Map<string, number>()
    for (const rule of agreement.rules) {
      for (const request of requestsFor(source, rule, 1)) {
        const { verdict } = oracle.decide(request)
        assert.equal(decide(request), verdict, JSON.stringify(request))
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
      }
    }
    assert.ok((verdicts.get('deny') ?? 0) > 50)
    assert.ok((verdicts.get('allow') ?? 0) > 5)
    if (agreement.rules.some(({ liftedBy }) => liftedBy.length > 0))
      assert.ok((verdicts.get('hold') ?? 0) > 5)
  })
}

function partsOf(policies: string): readonly string[] {
  const parts = policySetTextToParts(policies)
  assert.equal(parts.type, 'success')
  return parts.policies
}

function annotationsOf(policy: string): Readonly<Record<string, string>> | undefined {
  const answer = policyToJson(policy)
  assert.equal(answer.type, 'success')
  return answer.json.annotations
}

/** As docs/exports.md says it is done, from the files and the request alone. */
function deciderOf({ policies, schema, entities }: Exported, agreement: Agreement) {
  const levels = agreement.schedule.levels.map(({ id }) => id)
  const parents = new Map(entities.map(({ uid, parents: [parent] }) => [keyOf(uid), parent]))
  const staticPolicies = Object.fromEntries(
    partsOf(policies).map((part) => [annotationsOf(part)?.['id'] ?? assert.fail('no id'), part]),
  )
  assert.equal(preparsePolicySet('exported', { staticPolicies }).type, 'success')
  assert.equal(preparseSchema('exported', schema).type, 'success')

  const isListed = (type: string, id: string): boolean => parents.has(`${type} ${id}`)
  const known = (words: readonly { readonly id: string }[], id: string): string =>
    words.some((each) => each.id === id) ? id : unlisted
  const familyOf = (id: string): string[] => {
    const own = isListed('Unit', id) ? id : unlisted
    const parent = parents.get(`Unit ${own}`)
    return parent === undefined ? [own] : [own, ...familyOf((parent as TypeAndId).id)]
  }

  function isAllowed({ facts, findings }: Request, approvals: readonly string[]): boolean {
    const { schedule } = agreement
    const of = (type: string, id: string) => ({ __entity: { type, id } })
    const signals = [...schedule.signals.map(({ id }) => id), screeningFailed]
    const answer = statefulIsAuthorized({
      principal: { type: 'Unit', id: isListed('Unit', facts.unit) ? facts.unit : unlisted },
      action: { type: 'Action', id: known([...schedule.actions, { id: 'generate' }], facts.action) },
      resource: { type: 'Model', id: isListed('Model', facts.model) ? facts.model : unlisted },
      context: {
        purpose: of('Purpose', known(schedule.purposes, facts.purpose)),
        surface: of('Surface', known(schedule.surfaces, facts.surface)),
        consumer: of('Consumer', known(schedule.consumers, facts.consumer)),
        stage: of('Stage', facts.stage),
        chain: [...new Set([facts.unit, ...facts.chain].flatMap(familyOf))].map((id) => of('Unit', id)),
        provenance: [...new Set(facts.provenance.map((id) => known(schedule.provenances, id)))].map((id) =>
          of('Provenance', id),
        ),
        findings: signals.filter((id) => findings.has(id)).map((id) => of('Signal', id)),
        approvals: approvals.map((id) => of('Level', id)),
        time: { __extn: { fn: 'datetime', arg: new Date(facts.time).toISOString() } },
        committed: facts.committedMicros,
        persons: facts.persons,
      },
      entities,
      preparsedSchemaName: 'exported',
      preparsedPolicySetId: 'exported',
      validateRequest: true,
    })
    if (answer.type === 'failure') return false
    assert.deepEqual(answer.response.diagnostics.errors, [])
    return answer.response.decision === 'allow'
  }

  return (request: Request): string => {
    if (
      isAllowed(
        request,
        levels.filter((level) => request.approvals.has(level)),
      )
    )
      return 'allow'
    return isAllowed(request, levels) ? 'hold' : 'deny'
  }
}

function keyOf(uid: EntityJson['uid']): string {
  const { type, id } = uid as TypeAndId
  return `${type} ${id}`
}
