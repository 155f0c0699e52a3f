/** How parties compare: who must sign, how many of them, with which keys, under whose control. */
import type { Party, PartySigner } from '../schedule.ts'
import { coded, counted, directionOf, listed, listedRules } from './schedule-changes-lines.ts'
import type { Difference, Direction, LinePair, ListRules } from './schedule-changes-lines.ts'

export const partyRules: ListRules<Party> = {
  noun: 'party',
  gone: (_, name) => ({ change: 'weaker', says: `${name} is no longer a party and need not sign` }),
  added: (_, name) => ({ change: 'stronger', says: `${name} is a party too and must sign` }),
  members: {
    ...listedRules,
    role: (before, after, { name }) => ({
      change: 'both',
      says: `${name} takes part as ${after}; it was ${before}`,
    }),
    control: (before, after, { name }) => ({
      change: 'both',
      says: `${name} is under the control of ${coded(after)}; it was under that of ${coded(before)}`,
    }),
    signers: () => null,
    threshold: () => null,
    loosening: () => null,
  },
  whole: (line) => [
    ...joinedAndLeft(line),
    ...thresholdChange(line, 'threshold', 'must sign for'),
    ...thresholdChange(line, 'loosening', 'must sign what loosens for'),
    ...line.before.signers.flatMap((signer) => signerChanges(line, signer)),
  ],
}

/** Who joined and left; what that does to the number who must sign is told by the thresholds. */
function joinedAndLeft({ name, before, after }: LinePair<Party>): Difference[] {
  const joined = without(after.signers, before.signers).map(({ id }) => coded(id))
  const left = without(before.signers, after.signers).map(({ id }) => coded(id))
  const lines = [
    ...(joined.length > 0 ? [`${listed(joined)} may now sign for ${name}`] : []),
    ...(left.length > 0 ? [`${listed(left)} may no longer sign for ${name}`] : []),
  ]
  const change = policyDirection(before, after, 'threshold')
  const heavier = policyDirection(before, after, 'loosening')
  const direction = change === heavier ? change : bothOf(change, heavier)
  return lines.map((says) => ({ change: direction, says }))
}

function thresholdChange(
  { name, before, after }: LinePair<Party>,
  which: 'threshold' | 'loosening',
  verb: string,
): Difference[] {
  if (before[which] === after[which] && before.signers.length === after.signers.length) return []
  const said = (party: Party): string => `${party[which]} of ${counted(party.signers.length, 'signer')}`
  const change = policyDirection(before, after, which)
  return [{ change, says: `${said(after)} ${verb} ${name}; it was ${said(before)}` }]
}

/**
 * Exact for signers taken by their ids: the second policy asks as much as the first where every set of signers that
 * meets it meets the first. The smallest overlap of `threshold` of them with the first's signers decides.
 */
function policyDirection(before: Party, after: Party, which: 'threshold' | 'loosening'): Direction {
  const asksAsMuch = (one: Party, other: Party): boolean =>
    one[which] - without(one.signers, other.signers).length >= other[which]
  return directionOf({ stronger: !asksAsMuch(before, after), weaker: !asksAsMuch(after, before) })
}

function bothOf(a: Direction, b: Direction): Direction {
  return directionOf({
    stronger: [a, b].some((each) => each === 'stronger' || each === 'both'),
    weaker: [a, b].some((each) => each === 'weaker' || each === 'both'),
  })
}

/** Any key of a signer signs: one more is weaker, one less stronger, an exchanged one both. */
function signerChanges({ name, after }: LinePair<Party>, signer: PartySigner): Difference[] {
  const other = after.signers.find(({ id }) => id === signer.id)
  if (other === undefined) return []
  const who = `${coded(signer.id)} of ${name}`
  const more = other.keys.some((key) => !signer.keys.includes(key))
  const less = signer.keys.some((key) => !other.keys.includes(key))
  const change = directionOf({ stronger: less, weaker: more })
  const says =
    change === 'both'
      ? `${who} signs with another key`
      : `${who} may sign with ${counted(other.keys.length, 'key')}; it was ${signer.keys.length}`
  return [
    ...(change === 'neutral' ? [] : [{ change, says }]),
    ...(signer.title === other.title
      ? []
      : [{ change: 'neutral' as const, says: `the title of ${who} is changed` }]),
  ]
}

function without(signers: readonly PartySigner[], others: readonly PartySigner[]): PartySigner[] {
  return signers.filter(({ id }) => !others.some((other) => other.id === id))
}
