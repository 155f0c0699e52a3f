/**
 * The same decision by Cedar itself: slow, written apart from the compiled rules and sharing none of their code,
 * so that one mistake does not stand in both.
 */
import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import type { Context, EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs'
import { messageOf } from '../base/index.ts'
import { screeningFailed, unlisted } from '../agreement/index.ts'
import type { Agreement, Unit } from '../agreement/index.ts'
import { DecisionError } from './decision-error.ts'
import type { Citation, Decision, Facts } from './decision.ts'
import type { Request } from './requests.ts'

/** Cedar keeps what it has parsed under a name and never frees a name; so there is one. */
const slot = 'candidate'
let loaded: Agreement | null = null

export interface Oracle {
  /** Decides by Cedar. Throws nothing: what Cedar refuses to judge is a deny that cites `system.evaluation`. */
  decide(request: Request): Decision
  /** How often Cedar has judged so far; each time it judges every policy. */
  judgements(): number
}

/** Throws `DECISION_ORACLE_UNAVAILABLE` where Cedar does not take the agreement's policies. */
export function createOracle(agreement: Agreement): Oracle {
  load(agreement)
  const order = new Map(agreement.rules.map((rule, place) => [rule.id, place]))
  const clauses = new Map(agreement.rules.map((rule) => [rule.id, rule.clause]))
  const levels = agreement.schedule.levels.map((level) => level.id)

  function cite(rules: readonly string[]): Citation[] {
    return [...rules]
      .sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
      .map((rule) => ({ clause: clauses.get(rule) ?? '', rule }))
  }

  let judgements = 0
  function ask(call: Call | null, approvals: readonly string[]): Answer | null {
    judgements++
    return judge(call, approvals)
  }

  function decide({ facts, findings, approvals }: Request): Decision {
    const given = levels.filter((level) => approvals.has(level))
    const call = callOf(agreement, facts, findings)
    const now = ask(call, given)
    if (now === null) return deny(system('evaluation#error'))
    if (now.allowed) return { verdict: 'allow', citations: cite(now.rules), asks: [] }
    if (now.rules.length === 0) return deny(system('no-grant#default'))
    const lifted = ask(call, levels)
    if (lifted === null) return deny(system('evaluation#error'))
    if (!lifted.allowed)
      return deny(lifted.rules.length > 0 ? cite(lifted.rules) : system('no-grant#default'))
    // A level is asked for where nothing but its absence forbids.
    const asks = levels.filter(
      (level) => !given.includes(level) && ask(call, without(levels, level))?.allowed !== true,
    )
    return { verdict: 'hold', citations: cite(now.rules), asks: asks.sort() }
  }

  return {
    decide(request) {
      if (loaded !== agreement) load(agreement)
      return decide(request)
    },
    judgements: () => judgements,
  }
}

function load(agreement: Agreement): void {
  loaded = null
  const answers = [
    preparseSchema(slot, agreement.cedar.schema),
    preparsePolicySet(slot, { staticPolicies: { ...agreement.cedar.policies } }),
  ]
  for (const answer of answers) {
    if (answer.type === 'success') continue
    const message = `cedar does not take the agreement: ${answer.errors.map((each) => each.message).join('; ')}`
    throw new DecisionError('DECISION_ORACLE_UNAVAILABLE', message)
  }
  loaded = agreement
}

interface Call {
  readonly principal: TypeAndId
  readonly action: TypeAndId
  readonly resource: TypeAndId
  readonly context: Context
  readonly entities: EntityJson[]
}

interface Answer {
  readonly allowed: boolean
  readonly rules: readonly string[]
}

/** Null on any error: Cedar skips a rule that errs, and a skipped forbid would allow. */
function judge(call: Call | null, approvals: readonly string[]): Answer | null {
  if (call === null) return null
  try {
    const answer = statefulIsAuthorized({
      ...call,
      context: { ...call.context, approvals: entities('Level', approvals) },
      preparsedSchemaName: slot,
      validateRequest: true,
      preparsedPolicySetId: slot,
    })
    if (answer.type !== 'success' || answer.response.diagnostics.errors.length > 0) return null
    return { allowed: answer.response.decision === 'allow', rules: answer.response.diagnostics.reason }
  } catch (thrown) {
    if (messageOf(thrown).includes('unreachable')) loaded = null
    return null
  }
}

/** Null for facts that have no form in Cedar. */
function callOf(agreement: Agreement, facts: Facts, findings: ReadonlySet<string>): Call | null {
  const { schedule } = agreement
  if (!Number.isSafeInteger(facts.committedMicros) || facts.committedMicros < 0) return null
  if (!Number.isSafeInteger(facts.persons) || facts.persons < 0) return null
  if (!Number.isSafeInteger(facts.time) || Math.abs(facts.time) > 8.64e15) return null
  const instant = new Date(facts.time).toISOString()
  if (!/^\d{4}-/.test(instant) || instant.startsWith('0000')) return null
  const line = familyOf(schedule.units, facts.unit)
  const model = schedule.models.find((each) => each.id === facts.model)
  const provider = model?.provider ?? unlisted
  const modelId = model?.id ?? unlisted
  const chain = [facts.unit, ...facts.chain].flatMap((member) => familyOf(schedule.units, member))
  const signals = [...schedule.signals.map((signal) => signal.id), screeningFailed]
  const actions = ['generate', ...schedule.actions.map((action) => action.id)]
  return {
    principal: { type: 'Unit', id: line[0] ?? unlisted },
    action: { type: 'Action', id: actions.includes(facts.action) ? facts.action : unlisted },
    resource: { type: 'Model', id: modelId },
    entities: [
      ...line.map((id, i) => entityOf('Unit', id, 'Unit', line[i + 1])),
      entityOf('Model', modelId, 'Provider', provider),
      entityOf('Provider', provider, 'Provider', undefined),
    ],
    context: {
      purpose: entity('Purpose', listed(schedule.purposes, facts.purpose)),
      surface: entity('Surface', listed(schedule.surfaces, facts.surface)),
      consumer: entity('Consumer', listed(schedule.consumers, facts.consumer)),
      stage: entity('Stage', facts.stage),
      chain: entities('Unit', [...new Set(chain)]),
      provenance: entities('Provenance', [
        ...new Set(facts.provenance.map((word) => listed(schedule.provenances, word))),
      ]),
      findings: entities(
        'Signal',
        signals.filter((signal) => findings.has(signal)),
      ),
      time: { __extn: { fn: 'datetime', arg: instant } },
      committed: facts.committedMicros,
      persons: facts.persons,
    },
  }
}

/** A unit and all it belongs to, itself first. */
function familyOf(units: readonly Unit[], id: string): string[] {
  const unit = units.find((each) => each.id === id)
  if (unit === undefined) return [unlisted]
  return unit.in === undefined ? [unit.id] : [unit.id, ...familyOf(units, unit.in)]
}

function listed(lines: readonly { readonly id: string }[], word: string): string {
  return lines.some((line) => line.id === word) ? word : unlisted
}

function entityOf(type: string, id: string, parentType: string, parent: string | undefined): EntityJson {
  return {
    uid: { type, id },
    attrs: {},
    parents: parent === undefined ? [] : [{ type: parentType, id: parent }],
  }
}

function entity(type: string, id: string): { __entity: TypeAndId } {
  return { __entity: { type, id } }
}

function entities(type: string, ids: readonly string[]): { __entity: TypeAndId }[] {
  return ids.map((id) => entity(type, id))
}

function without(words: readonly string[], word: string): string[] {
  return words.filter((each) => each !== word)
}

function system(rule: string): Citation[] {
  return [{ clause: `system.${rule.split('#')[0] ?? ''}`, rule: `system.${rule}` }]
}

function deny(citations: readonly Citation[]): Decision {
  return { verdict: 'deny', citations, asks: [] }
}
