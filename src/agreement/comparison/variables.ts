/**
 * The variables of a comparison. Values that no condition of either version tells apart are one class: a choice
 * among words or numbers is one variable with a value for each class, a set is one yes or no for each class.
 */
import type { Atom } from './atoms.ts'
import { bounds } from './raw-values.ts'
import type { Family, MemberKey, OrderedKey, RawValues, WordKey } from './raw-values.ts'
import type { Act, Situation } from './situation-box.ts'
import type { Word } from './version-words.ts'

export type ChoiceFamily = 'act' | WordKey | OrderedKey
/** Places among the values that may come in. */
type Places = readonly number[]

export type Variable =
  | { readonly kind: 'choice'; readonly family: ChoiceFamily; readonly classes: readonly Places[] }
  /** Whether some member of the class is there: value 1, else 0. */
  | { readonly kind: 'member'; readonly family: MemberKey; readonly members: Places }

export interface Variables {
  readonly values: RawValues
  /** In the order in which diagrams ask for them. */
  readonly list: readonly Variable[]
  readonly arities: readonly number[]
}

/** What a rule asks together stands together; conditions that all calls share come last. */
const order: readonly Family[] = [
  'act', 'unit', 'chain', 'consumer', 'purpose', 'model', 'surface', 'provenance', 'findings', 'committed', 'persons',
  'time',
] // prettier-ignore

export function variablesOf(values: RawValues, atoms: readonly Atom[]): Variables {
  const byFamily = Map.groupBy(atoms, (atom) => atom.family)
  const list = order.flatMap((family): Variable[] => {
    const asked = byFamily.get(family) ?? []
    const classes = classesOf(sizeOf(family, values), asked)
    if (!isMember(family)) return [{ kind: 'choice', family, classes }]
    const askedFor = classes.filter(([first]) => asked.some((atom) => atom.accepts[first ?? -1] === true))
    return askedFor.map((members) => ({ kind: 'member', family, members }))
  })
  return {
    values,
    list,
    arities: list.map((variable) => (variable.kind === 'member' ? 2 : variable.classes.length)),
  }
}

export function isMember(family: Family): family is MemberKey {
  return family === 'chain' || family === 'provenance' || family === 'findings'
}

export function isOrdered(family: Family): family is OrderedKey {
  return family in bounds
}

function sizeOf(family: Family, { acts, words, starts }: RawValues): number {
  if (family === 'act') return acts.length
  return isOrdered(family) ? starts[family].length : words[family].length
}

function classesOf(size: number, atoms: readonly Atom[]): Places[] {
  const places = Array.from({ length: size }, (_, place) => place)
  const truths = [...new Set(atoms.map((atom) => atom.accepts.map(Number).join('')))]
  return [...Map.groupBy(places, (place) => truths.map((truth) => truth[place]).join('')).values()]
}

/** Reads situations as values of the variables; null for what cannot be. */
export function situationReader(variables: Variables): (situation: Situation) => Int32Array | null {
  const readers = variables.list.map((variable) =>
    variable.kind === 'member' ? memberReader(variable, variables) : choiceReader(variable, variables),
  )
  return function readSituation(situation) {
    if ((situation.act.call === 'tool') !== (situation.stage === 'tool')) return null
    const read = Int32Array.from(readers, (reader) => reader(situation))
    return read.includes(-1) ? null : read
  }
}

type ValueReader = (situation: Situation) => number

function memberReader(
  { family, members }: Extract<Variable, { kind: 'member' }>,
  { values }: Variables,
): ValueReader {
  const known = new Set(values.words[family])
  const sought = new Set(members.map((place) => values.words[family][place]))
  const isSought = (word: Word): boolean => sought.has(known.has(word) ? word : null)
  return (situation) => Number(situation[family].some(isSought))
}

function choiceReader(
  { family, classes }: Extract<Variable, { kind: 'choice' }>,
  { values }: Variables,
): ValueReader {
  const classAt: number[] = []
  for (const [which, places] of classes.entries()) for (const place of places) classAt[place] = which
  if (family === 'act') {
    const places = new Map(values.acts.map(({ stage, act }, place) => [actKey(stage, act), place]))
    const other = places.get(actKey('tool', { call: 'tool', tool: null })) ?? -1
    return ({ stage, act }) => classAt[places.get(actKey(stage, act)) ?? other] ?? -1
  }
  if (isOrdered(family)) {
    const starts = values.starts[family]
    return (situation) => classAt[placeOf(situation[family], starts, bounds[family])] ?? -1
  }
  const places = new Map(values.words[family].map((word, place) => [word, place]))
  const other = places.get(null) ?? -1
  return (situation) => classAt[places.get(situation[family]) ?? other] ?? -1
}

function actKey(stage: Situation['stage'], act: Act): string {
  return act.call === 'model' ? stage : `tool ${act.tool ?? ''}`
}

/** The last interval that begins no later; −1 for what is no number of the attribute. */
function placeOf(value: number, starts: readonly number[], [min, max]: readonly [number, number]): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) return -1
  return starts.findLastIndex((start) => start <= value)
}
