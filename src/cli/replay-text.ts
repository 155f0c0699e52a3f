/** A replay as text: how many decisions change, by which clauses, for which units; and what was not judged, and why. */
import type { Judged, ReplayChange, ReplayReport, ReplayedUnit } from '../api/index.ts'

export function replayText(report: ReplayReport): string {
  const { agreement, under, before, covered, decisions, judged, changes, moreChanges, units } = report
  const versions = before.map(({ version, entry }) => `${version} (entry ${entry})`).join(', ')
  const lines = [
    `${agreement}: ${counted(decisions, 'decision')}, judged again under version ${under.version}, ${under.hash}`,
    `made under version ${versions === '' ? 'none' : versions}; the log was published up to entry ${covered.size - 1}, ${instant(covered.time)}`,
    '',
    `${counted(judged.total, 'decision')} judged again: ${verdictsOf(judged)}`,
    ...(judged.sameByOthers > 0 ? [`  of the same, ${judged.sameByOthers} by other clauses`] : []),
    ...linesOf(report.notJudged, notJudgedWords),
    ...linesOf(report.unreadable, unreadableWords),
    ...unreproducibleLines(report),
  ]
  if (changes.length > 0) lines.push('', 'what changes:', ...changes.flatMap(changeLines))
  if (moreChanges > 0) lines.push(`  and ${moreChanges} more, of other kinds`)
  if (units.length > 0) lines.push('', 'by unit:', ...units.map(unitLine))
  return `${lines.join('\n')}\n`
}

const notJudgedWords: Readonly<Record<keyof ReplayReport['notJudged'], string>> = {
  'by-system': 'not judged: no rule had decided, but an order, a limit or the provider’s gate',
  repeats: 'not judged: repeats of calls that waited already',
  interrupted: 'not judged: interrupted, so that nothing was decided',
  'not-reached': 'not judged: ends of calls that would not have gone out',
}

const unreadableWords: Readonly<Record<keyof ReplayReport['unreadable'], string>> = {
  gone: 'unreadable: the record is gone',
  altered: 'unreadable: the record is not the one that was logged',
  'other-key': 'unreadable: the record is under a key that is not here',
  'no-facts': 'unreadable: the record holds no facts to judge by',
  'no-version': 'unreadable: the entry names a version that this gate does not know',
}

function linesOf<K extends string>(
  counts: Readonly<Record<K, number>>,
  words: Readonly<Record<K, string>>,
): string[] {
  const names = Object.keys(words) as K[]
  return names.filter((name) => counts[name] > 0).map((name) => `${counts[name]} ${words[name]}`)
}

function unreproducibleLines({ judged, unreproducible }: ReplayReport): string[] {
  if (judged.unreproducible === 0) return []
  const entries = unreproducible.map(({ entry }) => entry).join(', ')
  return [`${judged.unreproducible} not given again by the version of their time: entries ${entries}`]
}

function verdictsOf({
  same,
  nowAllowed,
  nowHeld,
  nowDenied,
}: Pick<Judged, 'same' | 'nowAllowed' | 'nowHeld' | 'nowDenied'>): string {
  return `${same} the same, ${nowAllowed} now allowed, ${nowHeld} now held, ${nowDenied} now denied`
}

function changeLines({ from, to, count, units, places }: ReplayChange): string[] {
  const named = places.map(({ entry }) => entry).join(', ')
  const more = count > places.length ? ' and more' : ''
  return [
    `  ${from.verdict} by ${from.clauses.join(', ')} -> ${to.verdict} by ${to.clauses.join(', ')}: ${count}`,
    `    ${Object.entries(units)
      .map(([unit, times]) => `${unit} ${times}`)
      .join(', ')}; entries ${named}${more}`,
  ]
}

function unitLine(unit: ReplayedUnit): string {
  return `  ${unit.unit}: ${unit.total} judged again, ${verdictsOf(unit)}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function instant(time: number): string {
  return new Date(time).toISOString()
}
