/** The clauses of a change in words: what decided before, what decides now, and which of them made the difference. */
import type { Agreement } from '../agreement.ts'
import type { Rule } from '../rule.ts'
import type { ChangedRegion, Side } from './comparison.ts'
import { coded, listed } from './schedule-changes-lines.ts'
import type { Versions } from './schedule-changes-lines.ts'

const noGrant = 'system.no-grant'

/** `4.2 (No mass surveillance)`. */
export function clauseInWords(id: string, { clauses }: Agreement): string {
  const title = clauses.get(id)?.title ?? ''
  return title === '' ? id : `${id} (${title})`
}

const words = {
  was: { deny: 'was denied by', allow: 'was allowed by', hold: 'waited for', none: 'was granted by no clause' },
  is: { deny: 'is denied by', allow: 'is allowed by', hold: 'waits for', none: 'is granted by no clause' },
} as const // prettier-ignore

/** `was denied by 4.2 (…)`, `waits for `two-person` under 5.1 (…)`. */
export function sideInWords(side: Side, agreement: Agreement, tense: 'was' | 'is'): string {
  const { verdict, clause, rule, asks } = side
  const clauses = clauseInWords(clause, agreement)
  if (verdict === 'hold') {
    const others = asksByItself(side, agreement) ? '' : ' and other clauses'
    return `${words[tense].hold} ${listed(asks.map(coded))} under ${clauses}${others}`
  }
  if (clause === noGrant) return words[tense].none
  return `${words[tense][verdict]} ${clauses}${reasonOf(rule)}`
}

/** Whether the clause that waits first asks for all the levels, or other clauses ask for some of them. */
function asksByItself({ clause, asks, waiting }: Side, { rules }: Agreement): boolean {
  const all = rules.filter(({ id }) => waiting.includes(id))
  const own = all.filter((rule) => rule.clause === clause).flatMap(({ liftedBy }) => liftedBy)
  return all.every((rule) => rule.clause === clause) || asks.every((level) => own.includes(level))
}

/** Why a generated rule refuses, by its name. */
function reasonOf(rule: string): string {
  const name = rule.slice(rule.indexOf('#') + 1).replace(/[-:].*/, '')
  return reasons[name] ?? ''
}

/** By the first word of the rule's name, such as `unlisted-model` and `exclusion:intelligence-units`. */
const reasons: Readonly<Record<string, string>> = {
  term: ' as outside the term',
  allotted: ' as above what is allotted',
  ceiling: ' as above the ceiling',
  unlisted: ' as not listed',
  exclusion: ' as excluded',
  purpose: ' as past the end of its purpose',
  persons: ' as touching too many persons',
  delegation: ' as not delegated',
  integrator: ' as for a unit that it does not serve',
}

/** What somebody may now do or no longer do, and what stands at the end of the sentence. */
export function verbOf(before: Side, after: Side): { readonly verb: string; readonly ending: string } {
  const approved = `once ${listed(after.asks.map(coded))} ${after.asks.length === 1 ? 'has' : 'have'} approved`
  switch (`${before.verdict} ${after.verdict}` as const) {
    case 'deny allow':
    case 'allow allow':
      return { verb: 'may now', ending: '' }
    case 'deny hold':
      return { verb: 'may now', ending: `, ${approved}` }
    case 'hold allow':
      return { verb: 'may now', ending: ', without waiting' }
    case 'allow hold':
      return { verb: 'may now', ending: `, but only ${approved}` }
    case 'hold deny':
      return { verb: 'may no longer', ending: ', whoever approves' }
    case 'allow deny':
    case 'deny deny':
      return { verb: 'may no longer', ending: '' }
    case 'hold hold':
      return {
        verb: 'may now',
        ending: `, ${approved}, where approval by ${listed(before.asks.map(coded))} was needed`,
      }
  }
}

/** The clause that makes the difference, and what it now does or no longer does. */
export function headingOf(
  { change, before, after }: ChangedRegion,
  versions: Versions,
): { readonly clause: string; readonly text: string } {
  if (before.verdict === 'hold' && after.verdict === 'hold') {
    return change === 'weaker'
      ? asksHeading(change, before, after, versions.before)
      : asksHeading(change, after, before, versions.after)
  }
  const old = { clause: before.clause, name: clauseInWords(before.clause, versions.before) }
  const young = { clause: after.clause, name: clauseInWords(after.clause, versions.after) }
  const of = ({ clause, name }: typeof old, does: string): { clause: string; text: string } => ({
    clause,
    text: `${name} ${does}`,
  })
  if (change === 'stronger') {
    if (after.verdict === 'hold') return of(young, 'now asks for approval')
    if (after.clause !== noGrant) return of(young, `now denies${reasonOf(after.rule)}`)
    return of(old, before.verdict === 'allow' ? 'no longer grants' : 'no longer waits for approval, but ends')
  }
  if (before.verdict === 'hold') return of(old, 'no longer asks for approval')
  if (before.clause !== noGrant) return of(old, `no longer denies${reasonOf(before.rule)}`)
  return of(young, after.verdict === 'allow' ? 'now grants' : 'now opens, with approval')
}

/** Of two holds: the clause that asks, at the witness, for most of the levels that only this side asks. */
function asksHeading(
  change: ChangedRegion['change'],
  side: Side,
  other: Side,
  agreement: Agreement,
): { readonly clause: string; readonly text: string } {
  const only = side.asks.filter((level) => !other.asks.includes(level))
  const askedBy = (clause: string): number =>
    only.filter((level) =>
      rulesOf(side).some((rule) => rule.clause === clause && rule.liftedBy.includes(level)),
    ).length
  const clauses = [side.clause, ...rulesOf(side).map(({ clause }) => clause)]
  const most = Math.max(...clauses.map(askedBy))
  const clause = clauses.find((each) => askedBy(each) === most) ?? side.clause
  const stays = other.clause === clause || other.waiting.some((id) => id.startsWith(`${clause}#`))
  return {
    clause,
    text: `${clauseInWords(clause, agreement)} ${asksInWords[change][stays ? 'stays' : 'else']}`,
  }

  function rulesOf({ waiting }: Side): readonly Rule[] {
    return agreement.rules.filter(({ id }) => waiting.includes(id))
  }
}

/** Where the clause asks on the other side too, and where it does not. */
const asksInWords: Readonly<Record<ChangedRegion['change'], Readonly<Record<'stays' | 'else', string>>>> = {
  both: { stays: 'now asks others for approval', else: 'now asks others for approval' },
  stronger: { stays: 'now asks more for approval', else: 'now asks for approval' },
  weaker: { stays: 'now asks fewer for approval', else: 'no longer asks for approval' },
}
