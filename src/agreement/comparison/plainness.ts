/**
 * How ordinary each value of a variable is, so that examples are plain ones and the boxes shown first are those that
 * most calls fall into. It changes what is shown, never what is true.
 */
import type { Agreement } from '../agreement.ts'
import { bounds } from './raw-values.ts'
import type { ActAt, Family, OrderedKey, RawValues } from './raw-values.ts'
import { isMember } from './variables.ts'
import type { ChoiceFamily, Variable, Variables } from './variables.ts'
import type { Situation } from './situation-box.ts'

const unusual = 0.05

export interface Plainness {
  /** By level and value: the share of ordinary calls, in no unit. */
  readonly weights: readonly (readonly number[])[]
  /** By level and value: 0 for the plainest value, more the less ordinary a value is. */
  readonly costs: readonly (readonly number[])[]
  /** The plainest situation with these values of the variables. */
  situationOf(values: ArrayLike<number>): Situation
}

export function plainnessOf(variables: Variables, before: Agreement, after: Agreement): Plainness {
  const plain: Readonly<Record<OrderedKey, number>> = {
    time: plainTime(before, after),
    committed: 0,
    persons: 0,
  }
  const scale = new Scale(variables.values, plain)
  const single = variables.list.map((variable) => scale.classWeights(variable, Math.max))
  return {
    weights: variables.list.map((variable) => scale.classWeights(variable, sum)),
    // Of two that are equally plain, the one that stands first in the schedule.
    costs: single.map((weights, level) =>
      weights.map((weight) => Math.log(Math.max(...weights) / weight) * (1 + level * 1e-6)),
    ),
    situationOf: (values) => situationOf(variables, scale, values),
  }
}

/** Noon of the day after both terms have begun, or as near to it as one of them lets. */
function plainTime(before: Agreement, after: Agreement): number {
  const terms = [before.schedule.term, after.schedule.term]
  const day = 86_400_000
  const begun = Math.max(...terms.map((term) => term.from))
  const noon = Math.floor(begun / day) * day + 1.5 * day
  return Math.max(bounds.time[0], Math.min(noon, ...terms.map((term) => term.until - 1)))
}

class Scale {
  readonly values: RawValues
  readonly plain: Readonly<Record<OrderedKey, number>>

  constructor(values: RawValues, plain: Readonly<Record<OrderedKey, number>>) {
    this.values = values
    this.plain = plain
  }

  classWeights(variable: Variable, join: (...weights: number[]) => number): number[] {
    const { family } = variable
    if (variable.kind === 'member') return [1, family === 'provenance' ? 0.3 : unusual]
    return variable.classes.map((places) => join(...places.map((place) => this.weightOf(family, place))))
  }

  weightOf(family: Family, place: number): number {
    if (family === 'act') return actWeight(this.values.acts[place])
    if (family in bounds) {
      const key = family as OrderedKey
      return this.numberAt(key, place) === this.plain[key] ? 1 : unusual
    }
    return this.values.words[family as keyof RawValues['words']][place] === null ? unusual : 1
  }

  /** The number of an interval that is nearest to the plain one. */
  numberAt(key: OrderedKey, place: number): number {
    const starts = this.values.starts[key]
    const first = starts[place] ?? bounds[key][0]
    const last = (starts[place + 1] ?? bounds[key][1] + 1) - 1
    return Math.min(Math.max(this.plain[key], first), last)
  }

  plainest(family: Family, places: readonly number[]): number {
    const weights = places.map((place) => this.weightOf(family, place))
    return places[weights.indexOf(Math.max(...weights))] ?? 0
  }
}

function actWeight(at: ActAt | undefined): number {
  if (at?.act.call === 'tool') return at.act.tool === null ? unusual : 0.8
  return at?.stage === 'request' ? 1 : 0.9
}

function sum(...numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function situationOf({ list, values }: Variables, scale: Scale, read: ArrayLike<number>): Situation {
  const places: Partial<Record<ChoiceFamily, number>> = {}
  const members = {
    chain: [] as (string | null)[],
    provenance: [] as (string | null)[],
    findings: [] as string[],
  }
  for (const [level, variable] of list.entries()) {
    const value = read[level] ?? 0
    const { family } = variable
    if (variable.kind === 'choice') {
      places[variable.family] = scale.plainest(family, variable.classes[value] ?? [])
    } else if (value === 1 && isMember(family)) {
      const word = values.words[family][scale.plainest(family, variable.members)] ?? null
      if (family !== 'findings') members[family].push(word)
      else if (word !== null) members.findings.push(word)
    }
  }
  const word = (family: Exclude<ChoiceFamily, 'act' | OrderedKey>): string | null =>
    values.words[family][places[family] ?? -1] ?? null
  const { stage, act } = values.acts[places.act ?? 0] ?? { stage: 'request', act: { call: 'model' } }
  return {
    stage,
    act,
    unit: word('unit'),
    chain: members.chain,
    model: word('model'),
    purpose: word('purpose'),
    surface: word('surface'),
    consumer: word('consumer'),
    provenance: members.provenance,
    findings: members.findings,
    time: scale.numberAt('time', places.time ?? 0),
    committed: scale.numberAt('committed', places.committed ?? 0),
    persons: scale.numberAt('persons', places.persons ?? 0),
  }
}
