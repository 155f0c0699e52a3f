/** How the lines compare that only name things, and who belongs to whom and acts for whom. */
import type { Delegation, Integrator, Listed, Unit } from '../schedule.ts'
import { beginning, coded, listed, listedRules, neutral } from './schedule-changes-lines.ts'
import type { Difference, ListRules } from './schedule-changes-lines.ts'

const comeAndGo = {
  gone: (_: Listed, name: string): Difference => neutral(`${name} is no longer listed`),
  added: (_: Listed, name: string): Difference => neutral(`${name} is new`),
}

/** A list whose lines only name what rules speak of: where one is gone or new, regions tell what that decides. */
export function plainRules(noun: string): ListRules<Listed> {
  return { noun, ...comeAndGo, members: listedRules }
}

export const unitRules: ListRules<Unit> = {
  noun: 'unit',
  ...comeAndGo,
  members: {
    ...listedRules,
    in: (before, after, { name }) =>
      neutral(`${name} belongs to ${coded(after)}; it belonged to ${coded(before)}`),
  },
}

/** Generated rules keep who acts for whom, so that regions tell what a change of these lines decides. */
export const delegationRules: ListRules<Delegation> = {
  noun: 'delegation',
  ...comeAndGo,
  members: {
    ...listedRules,
    from: (before, after, { name }) => neutral(`${name} is of ${coded(after)}; it was of ${coded(before)}`),
    to: (before, after, { name }) => neutral(`${name} is to ${coded(after)}; it was to ${coded(before)}`),
    until: (before, after, { name }) =>
      neutral(`${name} ends ${endInWords(after)}; it was ${endInWords(before)}`),
  },
}

function endInWords(until: number | undefined): string {
  return until === undefined ? 'with the term' : `at ${beginning(until)}`
}

export const integratorRules: ListRules<Integrator> = {
  noun: 'integrator',
  ...comeAndGo,
  members: {
    ...listedRules,
    unit: (before, after, { name }) => neutral(`${name} is ${coded(after)}; it was ${coded(before)}`),
    for: (before, after, { name }) =>
      neutral(`${name} acts for ${codedList(after)}; it acted for ${codedList(before)}`),
  },
}

function codedList(units: readonly string[]): string {
  return listed(units.map(coded))
}
