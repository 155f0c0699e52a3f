/** From values of variables back to the words and numbers of both versions. */
import type { ValueBox } from './boxes.ts'
import { bounds } from './raw-values.ts'
import type { ActAt, OrderedKey, RawValues, WordKey } from './raw-values.ts'
import type { Act, Situation, SituationBox, Span, Words } from './situation-box.ts'
import { isOrdered } from './variables.ts'
import type { Variables } from './variables.ts'

const wordParts = {
  unit: 'units',
  model: 'models',
  purpose: 'purposes',
  surface: 'surfaces',
  consumer: 'consumers',
} as const satisfies Record<WordKey, keyof SituationBox>
const orderedParts = { time: 'times', committed: 'committed', persons: 'persons' } as const satisfies Record<
  OrderedKey,
  keyof SituationBox
>

type Draft = { -readonly [Part in keyof SituationBox]: SituationBox[Part] }

export function situationBox(box: ValueBox, { list, values }: Variables): SituationBox {
  const parts: Draft = membersOf(box, { list, values })
  for (const [level, variable] of list.entries()) {
    const left = box[level]
    if (variable.kind === 'member' || left === undefined || left.every((each) => each === 1)) continue
    const places = variable.classes.flatMap((each, which) => (left[which] === 1 ? each : []))
    places.sort((a, b) => a - b)
    const { family } = variable
    if (family === 'act') Object.assign(parts, actsOf(places, values.acts))
    else if (isOrdered(family)) parts[orderedParts[family]] = spansOf(places, family, values)
    else parts[wordParts[family]] = places.map((place) => values.words[family][place] ?? null)
  }
  return parts
}

function membersOf(
  box: ValueBox,
  { list, values }: Pick<Variables, 'list' | 'values'>,
): Pick<SituationBox, 'chain' | 'provenance' | 'findings'> {
  const sets: Partial<Record<'chain' | 'provenance' | 'findings', { has: Words[]; not: (string | null)[] }>> =
    {}
  for (const [level, variable] of list.entries()) {
    const left = box[level]
    if (variable.kind === 'choice' || left === undefined || left.every((each) => each === 1)) continue
    const words = variable.members.map((place) => values.words[variable.family][place] ?? null)
    const members = (sets[variable.family] ??= { has: [], not: [] })
    if (left[1] === 1) members.has.push(words)
    else members.not.push(...words)
  }
  return sets
}

/** Stages and what is called, each only where the other does not say it already. */
function actsOf(places: readonly number[], all: readonly ActAt[]): Pick<SituationBox, 'stages' | 'acts'> {
  const left = places.flatMap((place) => all[place] ?? [])
  const stages = new Set(left.map(({ stage }) => stage))
  const tools = left.filter(({ stage }) => stage === 'tool')
  const everyTool = tools.length === all.filter(({ stage }) => stage === 'tool').length
  const bothModelStages = stages.has('request') && stages.has('answer')
  const model: Act[] = left.length > tools.length ? [{ call: 'model' }] : []
  if (tools.length === 0 && bothModelStages) return { acts: model }
  const acts: readonly Act[] = [...model, ...tools.map(({ act }) => act)]
  // Every stage that what is called can have, or none but `tool`: the acts alone say it.
  if (!everyTool && (bothModelStages || model.length === 0)) return { acts }
  const inOrder = (['request', 'tool', 'answer'] as const).filter((stage: Situation['stage']) =>
    stages.has(stage),
  )
  return everyTool || tools.length === 0 ? { stages: inOrder } : { stages: inOrder, acts }
}

/** Neighbouring intervals as one; open where nothing lies beyond. */
function spansOf(places: readonly number[], family: OrderedKey, { starts }: RawValues): Span[] {
  const firsts = starts[family]
  const spans: { first: number; last: number }[] = []
  for (const place of places) {
    const open = spans.at(-1)
    if (open?.last === place - 1) open.last = place
    else spans.push({ first: place, last: place })
  }
  return spans.map(({ first, last }) => {
    const next = firsts[last + 1]
    return {
      ...(first === 0 ? {} : { min: firsts[first] ?? bounds[family][0] }),
      ...(next === undefined ? {} : { max: next - 1 }),
    }
  })
}
