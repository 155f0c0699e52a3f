/** Situations drawn from the words and numbers of two versions, all of them or those of one box. */
import { generate, screeningFailed } from '../agreement/index.ts'
import type { Act, Agreement, Members, Situation, SituationBox, Span, Words } from '../agreement/index.ts'
import { oneOf } from './random.ts'
import { requestIn, requestSource, soleCause } from './requests.ts'
import type { Request } from './requests.ts'

type Word = string | null

/** What may come in under either version. */
export interface SituationSource {
  readonly acts: readonly Act[]
  readonly units: Words
  readonly models: Words
  readonly purposes: Words
  readonly surfaces: Words
  readonly consumers: Words
  readonly provenances: Words
  readonly signals: readonly string[]
  readonly random: () => number
}

type List = 'units' | 'models' | 'purposes' | 'surfaces' | 'consumers' | 'provenances' | 'signals' | 'tools'

export function situationSource(before: Agreement, after: Agreement, random: () => number): SituationSource {
  const idsOf = (list: List): string[] => [
    ...new Set([before, after].flatMap(({ schedule }) => schedule[list].map((line) => line.id))),
  ]
  const open = (list: List): Word[] => [...idsOf(list), null]
  return {
    acts: [{ call: 'model' }, ...open('tools').map((tool): Act => ({ call: 'tool', tool }))],
    units: open('units'),
    models: open('models'),
    purposes: open('purposes'),
    surfaces: open('surfaces'),
    consumers: open('consumers'),
    provenances: open('provenances'),
    signals: [...idsOf('signals'), screeningFailed],
    random,
  }
}

/** A situation of the box; by default one of all. */
export function situationIn(source: SituationSource, box: SituationBox = {}): Situation {
  const { random } = source
  const word = (words: Words): Word => oneOf(words, random) ?? null
  return {
    ...calledIn(source, box),
    unit: word(box.units ?? source.units),
    chain: membersIn(box.chain, source.units, 0.1, random),
    model: word(box.models ?? source.models),
    purpose: word(box.purposes ?? source.purposes),
    surface: word(box.surfaces ?? source.surfaces),
    consumer: word(box.consumers ?? source.consumers),
    provenance: membersIn(box.provenance, source.provenances, 0.2, random),
    findings: membersIn(box.findings, source.signals, 0.1, random).filter((signal) => signal !== null),
    time: numberIn(box.times, timeBounds, random),
    committed: numberIn(box.committed, countBounds, random),
    persons: numberIn(box.persons, countBounds, random),
  }
}

const drawnKeys = [
  'unit', 'chain', 'model', 'purpose', 'surface', 'consumer', 'provenance', 'findings', 'time', 'committed', 'persons',
] as const // prettier-ignore

/** The same situation with one thing of it, or two, drawn anew. */
export function neighbourOf(source: SituationSource, situation: Situation): Situation {
  const { random } = source
  const other = situationIn(source)
  const called = random() < 0.15 ? { stage: other.stage, act: other.act } : {}
  const redrawn = drawnKeys.filter(() => random() < 0.15).map((key) => [key, other[key]])
  return { ...situation, ...called, ...(Object.fromEntries(redrawn) as Partial<Situation>) }
}

/**
 * Situations that rules of a version decide alone, as far as there are any: found by a search that shares nothing
 * with the comparison.
 */
export function situationsAimedAt(agreement: Agreement, random: () => number): Situation[] {
  const source = requestSource(agreement, random)
  return agreement.rules.flatMap((rule) => {
    const region = soleCause(source, rule)
    return region === null ? [] : [situationOf(agreement, requestIn(region, source, rule))]
  })
}

function situationOf({ schedule }: Agreement, { facts, findings }: Request): Situation {
  const { action, committedMicros, ...rest } = facts
  const tool = schedule.tools.find((each) => each.action === action)?.id ?? null
  const asTool = facts.stage === 'tool' || (action !== generate && tool !== null)
  return {
    ...rest,
    ...(asTool
      ? { stage: 'tool', act: { call: 'tool', tool } }
      : { stage: facts.stage, act: { call: 'model' } }),
    findings: [...findings].filter(
      (signal) => signal === screeningFailed || schedule.signals.some(({ id }) => id === signal),
    ),
    committed: committedMicros,
  }
}

function calledIn({ acts, random }: SituationSource, box: SituationBox): Pick<Situation, 'stage' | 'act'> {
  const stages = box.stages ?? (['request', 'tool', 'answer'] as const)
  const stage = oneOf(
    stages.filter((each) => (box.acts ?? acts).some(({ call }) => (call === 'tool') === (each === 'tool'))),
    random,
  )
  const act = oneOf(
    (box.acts ?? acts).filter(({ call }) => (call === 'tool') === (stage === 'tool')),
    random,
  )
  return { stage: stage ?? 'request', act: act ?? { call: 'model' } }
}

function membersIn(
  { has, not }: Members = { has: [], not: [] },
  words: Words,
  share: number,
  random: () => number,
): Word[] {
  const members = new Set(has.map((list) => oneOf(list, random) ?? null))
  for (const word of words) if (random() < share && !not.includes(word)) members.add(word)
  return [...members]
}

const timeBounds = [Date.parse('0001-01-01T00:00:00.000Z'), Date.parse('9999-12-31T23:59:59.999Z')] as const
const countBounds = [0, Number.MAX_SAFE_INTEGER] as const

/** Often one of the ends, where mistakes are. */
function numberIn(
  spans: readonly Span[] | undefined,
  [least, most]: readonly [number, number],
  random: () => number,
): number {
  const { min = least, max = most } = oneOf(spans ?? [{}], random) ?? {}
  const where = random()
  if (where < 0.25) return min
  if (where < 0.5) return max
  return Math.min(max, min + Math.floor(random() * (max - min + 1)))
}
