/**
 * Rules that the lines of the schedule make: what limits or closes something is a forbid like any other, carries
 * the clause of its line and goes through the same compiler, so that explanation, comparison and the oracle see
 * it.
 */
import type { Clause } from './agreement.ts'
import type { Delegation, Exclusion, Integrator, Listed, Purpose, Schedule } from './schedule.ts'
import { screeningFailed, unlisted } from './schedule.ts'

export interface Policy {
  /** The rule's id. */
  readonly id: string
  readonly clause: string
  readonly text: string
}

export const systemClauses: readonly Clause[] = [
  {
    id: 'system.no-grant',
    title: 'Nothing is permitted without a grant',
    text: 'No rule of the agreement permits this, and what is not permitted is refused.',
  },
  {
    id: 'system.screening',
    title: 'What cannot be screened is refused',
    text: 'A check that the agreement relies on failed or ran late, so nobody can say what this holds.',
  },
  {
    id: 'system.evaluation',
    title: 'What cannot be decided is refused',
    text: 'The facts of this call could not be judged by the rules, and what cannot be judged is refused.',
  },
  {
    id: 'system.unlisted',
    title: 'What the schedule does not list is refused',
    text: 'The schedule of the agreement lists nothing of this kind, so every call that needs it is refused.',
  },
  {
    id: 'system.no-agreement',
    title: 'Nothing is permitted without an agreement',
    text: 'No agreement that is in force covers this caller, so nothing can permit the call.',
  },
  {
    id: 'system.standing',
    title: 'What is in force must be known',
    text: 'What is in force changed, or could not be confirmed, while this ran, so it was ended.',
  },
  {
    id: 'system.order',
    title: 'A stop order is in force',
    text: 'A party to the agreement has ordered that its use stops. It resumes when every party has signed that it may.',
  },
  {
    id: 'system.holds',
    title: 'What waits for people waits in its place',
    text:
      'This caller has as many calls waiting for people as it may, or the hold that was named is not one that was ' +
      'approved for exactly this call, is over, or was used.',
  },
  {
    id: 'system.gate',
    title: "The provider's gate refuses",
    text: "The provider's gate stands before the model and refused this call. Either gate tightens alone.",
  },
]

export function generatedPolicies(schedule: Schedule): Policy[] {
  const { term, amounts } = schedule
  const from = new Date(term.from).toISOString()
  const until = new Date(term.until).toISOString()
  const outside = `context.time < datetime("${from}") || context.time >= datetime("${until}")`
  return [
    forbid(term.clause, 'term', outside),
    ...schedule.exclusions.map(exclusionPolicy),
    ...schedule.purposes.flatMap(purposePolicies),
    ...delegationPolicies(schedule.delegations),
    ...schedule.integrators.map(integratorPolicy),
    ...(amounts === undefined
      ? []
      : [
          forbid(amounts.clause, 'allotted', `context.committed > ${amounts.allottedMicros}`),
          forbid(amounts.clause, 'ceiling', `context.committed > ${amounts.ceilingMicros}`),
        ]),
    ...unlistedPolicies(schedule),
    forbid('system.screening', 'failed', `context.findings.contains(Signal::"${screeningFailed}")`),
  ]
}

function exclusionPolicy(exclusion: Exclusion): Policy {
  const name = `exclusion:${exclusion.id}`
  return exclusion.provider === undefined
    ? forbid(exclusion.clause, name, `context.chain.contains(Unit::"${exclusion.unit ?? ''}")`)
    : forbid(exclusion.clause, name, `resource in Provider::"${exclusion.provider}"`)
}

/** A purpose ends with its day, and with as many persons as it may touch. */
function purposePolicies({ id, clause, until, persons }: Purpose): Policy[] {
  const purpose = `context.purpose == Purpose::"${id}"`
  const ended = until === undefined ? null : `context.time >= datetime("${new Date(until).toISOString()}")`
  const above = persons === undefined ? null : `context.persons > ${persons.max}`
  return [
    ...(ended === null ? [] : [forbid(clause, `purpose-end:${id}`, `${purpose} && ${ended}`)]),
    ...(above === null ? [] : [forbid(clause, `persons:${id}`, `${purpose} && ${above}`)]),
  ]
}

/** On behalf of a unit that stands in `from`, only itself, those within it and those in `to` may act. */
function delegationPolicies(delegations: readonly Delegation[]): Policy[] {
  return [...Map.groupBy(delegations, ({ from }) => from)].map(([from, lines]) => {
    const others = lines.map(({ to, until }) =>
      until === undefined
        ? `!(principal in Unit::"${to}")`
        : `!(principal in Unit::"${to}" && context.time < datetime("${new Date(until).toISOString()}"))`,
    )
    const conditions = [
      `context.chain.contains(Unit::"${from}")`,
      `!(principal in Unit::"${from}")`,
      ...others,
    ]
    return forbid(lines[0]?.clause ?? 'system.unlisted', `delegation:${from}`, conditions.join(' && '))
  })
}

/** An integrator acts on behalf of the units that are named, and of nobody else; of nobody at all where none is. */
function integratorPolicy({ id, clause, unit, for: served }: Integrator): Policy {
  const others = served.map((each) => `!context.chain.contains(Unit::"${each}")`)
  const conditions = [`context.chain.contains(Unit::"${unit}")`, ...others]
  return forbid(clause, `integrator:${id}`, conditions.join(' && '))
}

function unlistedPolicies(schedule: Schedule): Policy[] {
  const tools = schedule.tools.length > 0 ? schedule.tools : schedule.actions
  return [
    forbidUnlisted(
      schedule.units,
      'unit',
      `principal == Unit::"${unlisted}" || context.chain.contains(Unit::"${unlisted}")`,
    ),
    forbidUnlisted(schedule.models, 'model', `resource == Model::"${unlisted}"`),
    forbidUnlisted(schedule.surfaces, 'surface', `context.surface == Surface::"${unlisted}"`),
    forbidUnlisted(schedule.purposes, 'purpose', `context.purpose == Purpose::"${unlisted}"`),
    forbidUnlisted(schedule.consumers, 'consumer', `context.consumer == Consumer::"${unlisted}"`),
    forbidUnlisted(tools, 'tool', `action == Action::"${unlisted}"`),
    forbidUnlisted(
      schedule.provenances,
      'provenance',
      `context.provenance.contains(Provenance::"${unlisted}")`,
    ),
  ]
}

function forbidUnlisted(lines: readonly Listed[], what: string, condition: string): Policy {
  return forbid(lines[0]?.clause ?? 'system.unlisted', `unlisted-${what}`, condition)
}

function forbid(clause: string, name: string, condition: string): Policy {
  return {
    id: `${clause}#${name}`,
    clause,
    text: `forbid (principal, action, resource)\nwhen { ${condition} };`,
  }
}
