/** What a box says is done: models that answer, and tools by their action class where the class is whole. */
import type { Agreement } from '../agreement.ts'
import { coded, listed } from './schedule-changes-lines.ts'
import type { SituationBox } from './situation-box.ts'

/** The action class of each tool of both versions, as the second has it. */
export type ToolClasses = ReadonlyMap<string, string>

export function toolClassesOf(before: Agreement, after: Agreement): ToolClasses {
  return new Map([...before.schedule.tools, ...after.schedule.tools].map(({ id, action }) => [id, action]))
}

/** `have a model answer or call tools of class …`: what somebody does. */
export function actsInWords(box: SituationBox, classes: ToolClasses): string {
  return partsOf(box, classes, {
    both: 'have a model answer',
    request: 'ask a model',
    answer: 'be given the answer of a model',
    call: 'call',
  })
}

/** `in calls of a model or in calls of tools of class …`: where something applies. */
export function callsInWords(box: SituationBox, classes: ToolClasses): string {
  return partsOf(box, classes, {
    both: 'in calls of a model',
    request: 'in requests to a model',
    answer: 'in answers of a model',
    call: 'in calls of',
  })
}

interface Verbs {
  /** Of a model, from the request to the answer. */
  readonly both: string
  readonly request: string
  readonly answer: string
  /** Of tools. */
  readonly call: string
}

function partsOf({ stages, acts }: SituationBox, classes: ToolClasses, verbs: Verbs): string {
  const has = (stage: 'request' | 'tool' | 'answer'): boolean => stages?.includes(stage) ?? true
  const model = acts === undefined || acts.some(({ call }) => call === 'model')
  const tools = acts?.flatMap((act) => (act.call === 'tool' ? [act.tool] : []))
  const done = [
    ...(model ? modelPart(has('request'), has('answer'), verbs) : []),
    ...(has('tool') ? toolPart(tools, classes).map((each) => `${verbs.call} ${each}`) : []),
  ]
  return listed(done, 'or')
}

function modelPart(request: boolean, answer: boolean, verbs: Verbs): string[] {
  if (request && answer) return [verbs.both]
  if (request) return [verbs.request]
  return answer ? [verbs.answer] : []
}

function toolPart(tools: readonly (string | null)[] | undefined, classes: ToolClasses): string[] {
  const words = new Set(tools)
  const all = [...classes.keys()]
  const every = all.every((tool) => words.has(tool))
  if (tools === undefined || (every && words.has(null))) return ['any tool']
  const outside = words.has(null) ? ['a tool that neither version lists'] : []
  const named = tools.filter((tool) => tool !== null)
  if (named.length === 0) return outside
  if (every) return ['any listed tool', ...outside]
  const byClass = Map.groupBy(named, (tool) => classes.get(tool) ?? '')
  const isWhole = (name: string): boolean =>
    all.every((tool) => classes.get(tool) !== name || words.has(tool))
  const whole = [...byClass.keys()].filter(isWhole)
  const single = [...byClass].flatMap(([name, members]) => (isWhole(name) ? [] : members))
  return [
    ...(whole.length > 0 ? [`tools of class ${listed(whole.map(coded), 'or')}`] : []),
    ...(single.length > 0 ? [listed(single.map(coded), 'or')] : []),
    ...outside,
  ]
}
