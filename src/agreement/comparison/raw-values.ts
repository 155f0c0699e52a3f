/** All that may come in, as far as two versions name it: the words of both, one more for any other, and numbers. */
import type { Agreement } from '../agreement.ts'
import type { Rule, Test } from '../rule.ts'
import { screeningFailed } from '../schedule.ts'
import type { Listed, Schedule } from '../schedule.ts'
import type { Act, Situation } from './situation-box.ts'
import type { Word } from './version-words.ts'

export type OrderedKey = 'time' | 'committed' | 'persons'
export type WordKey = 'unit' | 'model' | 'purpose' | 'surface' | 'consumer'
export type MemberKey = 'chain' | 'provenance' | 'findings'
export type Family = 'act' | WordKey | MemberKey | OrderedKey

/** What is called, and when: a tool only at stage `tool`, a model only at the two others. */
export interface ActAt {
  readonly stage: Situation['stage']
  readonly act: Act
}

export interface RawValues {
  readonly acts: readonly ActAt[]
  /** Null is any word that neither version lists; findings that neither lists are nothing to either. */
  readonly words: Readonly<Record<WordKey | MemberKey, readonly Word[]>>
  /** First numbers of the intervals within which no test of either version changes, ascending. */
  readonly starts: Readonly<Record<OrderedKey, readonly number[]>>
}

/** First and last number that an attribute may have; the calendar is that of Cedar's `datetime` literals. */
export const bounds: Readonly<Record<OrderedKey, readonly [min: number, max: number]>> = {
  time: [Date.parse('0001-01-01T00:00:00.000Z'), Date.parse('9999-12-31T23:59:59.999Z')],
  committed: [0, Number.MAX_SAFE_INTEGER],
  persons: [0, Number.MAX_SAFE_INTEGER],
}

export function rawValuesOf(before: Agreement, after: Agreement): RawValues {
  const both = [before.schedule, after.schedule]
  const listed = (list: (schedule: Schedule) => readonly Listed[]): string[] => [
    ...new Set(both.flatMap((schedule) => list(schedule).map((line) => line.id))),
  ]
  const open = (list: (schedule: Schedule) => readonly Listed[]): Word[] => [...listed(list), null]
  const units = open((schedule) => schedule.units)
  const tools = open((schedule) => schedule.tools)
  const constants = constantsOf([...before.rules, ...after.rules])
  return {
    acts: [
      { stage: 'request', act: { call: 'model' } },
      { stage: 'answer', act: { call: 'model' } },
      ...tools.map((tool): ActAt => ({ stage: 'tool', act: { call: 'tool', tool } })),
    ],
    words: {
      unit: units,
      chain: units,
      model: open((schedule) => schedule.models),
      purpose: open((schedule) => schedule.purposes),
      surface: open((schedule) => schedule.surfaces),
      consumer: open((schedule) => schedule.consumers),
      provenance: open((schedule) => schedule.provenances),
      findings: [...listed((schedule) => schedule.signals), screeningFailed],
    },
    starts: {
      time: startsOf('time', constants),
      committed: startsOf('committed', constants),
      persons: startsOf('persons', constants),
    },
  }
}

type Compare = Extract<Test, { op: 'compare' }>

function startsOf(key: OrderedKey, constants: readonly Compare[]): number[] {
  const [min, max] = bounds[key]
  const starts = new Set([min])
  for (const { attribute, value } of constants) {
    if (attribute !== key) continue
    for (const start of [value, value + 1]) if (start > min && start <= max) starts.add(start)
  }
  return [...starts].sort((a, b) => a - b)
}

function constantsOf(rules: readonly Rule[]): Compare[] {
  return rules.flatMap((rule) => comparisonsIn(rule.test))
}

function comparisonsIn(test: Test): Compare[] {
  if (test.op === 'compare') return [test]
  if (test.op === 'not') return comparisonsIn(test.test)
  return test.op === 'all' || test.op === 'any' ? test.tests.flatMap(comparisonsIn) : []
}
