/** How oversight levels compare: how many must approve, and who they must be. */
import type { Agreement } from '../agreement.ts'
import type { Level, QuorumPart, Role } from '../schedule.ts'
import { coded, counted, directionOf, largerIsWeaker, listed, listedRules } from './schedule-changes-lines.ts'
import type { Difference, LinePair, ListRules } from './schedule-changes-lines.ts'

/** A role is asked for by levels, which the rules name; by itself it opens and closes nothing. */
export const roleRules: ListRules<Role> = {
  noun: 'role',
  gone: (_, name) => ({ change: 'neutral', says: `${name} is gone, and no level asks for it` }),
  added: (_, name) => ({ change: 'neutral', says: `${name} is new` }),
  members: {
    ...listedRules,
    // More holders are more people who may approve.
    holders: (before, after, { name }) => ({
      change: largerIsWeaker(before, after),
      says: `${name} is held by ${holdersOf(after)}; it was ${holdersOf(before)}`,
    }),
  },
}

function holdersOf(holders: number | undefined): string {
  return holders === undefined ? 'any number of persons' : counted(holders, 'person')
}

export const levelRules: ListRules<Level> = {
  noun: 'level',
  gone: (_, name) => ({ change: 'neutral', says: `${name} is gone, and no rule asks for it` }),
  added: (_, name) => ({ change: 'neutral', says: `${name} is new` }),
  members: { ...listedRules, persons: () => null, quorum: () => null },
  whole: quorumChange,
}

/** One person that a level asks for: anyone, or of a role, and perhaps of one of these units. */
interface Place {
  readonly role?: string
  readonly units?: ReadonlySet<string>
}

/**
 * Compared place by place: a level asks as much as another where each place of the other can be given to a place of
 * its own that asks as much. That also tells where a unit was put below one that a quorum names.
 */
function quorumChange({ name, before, after, versions }: LinePair<Level>): Difference[] {
  const [old, young] = [placesOf(before, versions.before), placesOf(after, versions.after)]
  const change = directionOf({ stronger: !asksAsMuch(old, young), weaker: !asksAsMuch(young, old) })
  const [was, is] = [quorumInWords(before), quorumInWords(after)]
  if (was !== is) return [{ change, says: `${name} asks for ${is}; it was ${was}` }]
  if (change === 'neutral') return []
  return [{ change, says: `${name} asks for ${is}, and other units now belong to those that it names` }]
}

function placesOf({ persons, quorum }: Level, agreement: Agreement): Place[] {
  if (quorum === undefined) return Array.from({ length: persons }, () => ({}))
  return quorum.flatMap(({ count, role, unit }) => {
    const place = unit === undefined ? { role } : { role, units: unitsOf(unit, agreement) }
    return Array.from({ length: count }, () => place)
  })
}

/** The unit and all below it. */
function unitsOf(unit: string, { ancestors }: Agreement): ReadonlySet<string> {
  return new Set([...ancestors].filter(([, path]) => path.includes(unit)).map(([id]) => id))
}

/** Whether the places of `other` can be given to different places of `one`: a matching, by augmenting paths. */
function asksAsMuch(one: readonly Place[], other: readonly Place[]): boolean {
  const givenTo = new Map<number, number>()
  const give = (place: number, tried: Set<number>): boolean =>
    one.some((mine, i) => {
      const theirs = other[place]
      if (theirs === undefined || tried.has(i) || !isWithin(mine, theirs)) return false
      tried.add(i)
      const holder = givenTo.get(i)
      if (holder !== undefined && !give(holder, tried)) return false
      givenTo.set(i, place)
      return true
    })
  return other.every((_, place) => give(place, new Set()))
}

/** Whether everyone who may take the one place may take the other. */
function isWithin(one: Place, other: Place): boolean {
  if (other.role !== undefined && one.role !== other.role) return false
  const { units } = other
  if (units === undefined) return true
  return one.units !== undefined && [...one.units].every((unit) => units.has(unit))
}

function quorumInWords({ persons, quorum }: Level): string {
  if (quorum === undefined) return counted(persons, 'person')
  return listed(quorum.map(partInWords))
}

function partInWords({ count, role, unit }: QuorumPart): string {
  return `${count} of role ${coded(role)}${unit === undefined ? '' : ` of ${coded(unit)}`}`
}
