/** Whether people are enough for a level: how many they are, and whom the parts of its quorum still miss. */
import { formatQuorum } from '../agreement/index.ts'
import type { Agreement, Level, QuorumPart } from '../agreement/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'

/** One who approves or could. The same person may stand there several times, by several keys, and counts once. */
export type Approver = Pick<EnrolledReviewer, 'person' | 'roles' | 'unit'>

/** Whom a level misses. */
export interface Lack {
  /** Persons that are missing, one at least. */
  readonly count: number
  /** In words: `two of counsel`, or `1 person` where anybody of the level will do. */
  readonly words: string
}

/**
 * Null where these are enough. With a quorum they are if distinct persons can take the seats of all its parts at
 * once: by role, and where the part names a unit, from that unit or one below it in the agreement's tree. A role or
 * unit that the agreement does not list takes no seat. Which levels they may approve is for the caller to look at.
 */
export function lackOf(
  { persons, quorum }: Pick<Level, 'persons' | 'quorum'>,
  approvers: readonly Approver[],
  { ancestors }: Pick<Agreement, 'ancestors'>,
): Lack | null {
  if (quorum) {
    const parts = emptySeats(quorum, approvers, (one, part) => fits(one, part, ancestors))
    const count = parts.reduce((sum, part) => sum + part.count, 0)
    if (count > 0) return { count, words: formatQuorum(parts) }
  }
  // Nobody at all is never enough, whatever a level says.
  const count = Math.max(persons, 1) - new Set(approvers.map(({ person }) => person)).size
  return count > 0 ? { count, words: inPersons(count) } : null
}

/** What a level asks, in words. */
export function askedText({ persons, quorum }: Pick<Level, 'persons' | 'quorum'>): string {
  return quorum ? formatQuorum(quorum) : inPersons(persons)
}

/** Whether somebody counts for one part at least; everybody does where the level has none. */
export function fitsAnyPart(
  one: Pick<Approver, 'roles' | 'unit'>,
  { quorum }: Pick<Level, 'quorum'>,
  { ancestors }: Pick<Agreement, 'ancestors'>,
): boolean {
  return quorum === undefined || quorum.some((part) => fits(one, part, ancestors))
}

function inPersons(count: number): string {
  return `${count} ${count === 1 ? 'person' : 'persons'}`
}

function fits(
  { roles = [], unit }: Pick<Approver, 'roles' | 'unit'>,
  part: QuorumPart,
  ancestors: Agreement['ancestors'],
): boolean {
  if (!roles.includes(part.role)) return false
  if (part.unit === undefined) return true
  return unit !== undefined && (ancestors.get(unit) ?? []).includes(part.unit)
}

/**
 * The parts with what each still misses when as many seats as possible are taken: a largest matching of seats and
 * persons, by augmenting paths (Kuhn 1955). Seats of the first parts are taken first.
 */
function emptySeats(
  parts: readonly QuorumPart[],
  approvers: readonly Approver[],
  fitsPart: (approver: Approver, part: QuorumPart) => boolean,
): QuorumPart[] {
  const seats = parts.flatMap((part) => Array.from({ length: part.count }, () => part))
  const seatOf = new Map<string, number>()
  const take = (seat: number, asked: Set<string>): boolean =>
    approvers.some((approver) => {
      const { person } = approver
      const part = seats[seat]
      if (!part || asked.has(person) || !fitsPart(approver, part)) return false
      asked.add(person)
      const held = seatOf.get(person)
      if (held !== undefined && !take(held, asked)) return false
      seatOf.set(person, seat)
      return true
    })
  const empty = seats.filter((_, seat) => !take(seat, new Set()))
  return parts
    .map((part) => ({ ...part, count: empty.filter((seat) => seat === part).length }))
    .filter(({ count }) => count > 0)
}
