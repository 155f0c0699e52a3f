/** Reads what stands once in a schedule: term, money, duties, retention, whom it protects. */
import { dutyKinds, periodDuties, protectedData, protectedPersons } from './schedule.ts'
import type { Amounts, Duty, DutyKind, Protection, Retention, Schedule, Term } from './schedule.ts'
import { readCurrency, readInstant, readMoney } from './schedule-values.ts'
import { fromField, onField, openLine, openList, optional, placeOf, readDays } from './schedule-line.ts'
import type { Draft, SingleLine } from './schedule-line.ts'
import { suggestWord } from './nearest-word.ts'
import { mistake, readInteger, readList, readWord } from './yaml-values.ts'
import type { YamlField, YamlReader } from './yaml-values.ts'

/** Records are kept at least half a year: the floor of Articles 19 and 26(6) of Regulation (EU) 2024/1689. */
export const retentionDaysMin = 180

export function readTerms(
  draft: Draft,
): Pick<Schedule, 'term' | 'amounts' | 'retention' | 'protected' | 'duties'> {
  const { root } = draft
  const term = onField(root, 'term', (field) => readTerm(field, draft))
  return {
    term: term ?? { clause: '', from: 0, until: 1 },
    ...optional({ map: root }, 'amounts', (field) => readAmounts(field, draft)),
    ...optional({ map: root }, 'retention', (field) => readRetention(field, draft)),
    ...optional({ map: root }, 'protected', (field) => readProtection(field, draft)),
    duties: openList(draft, 'duties').flatMap((line) => readDuty(line, draft) ?? []),
  }
}

function readTerm(field: YamlField, draft: Draft): Term | null {
  const line = openLine(field, ['from', 'until', 'clause'], draft)
  if (line === null) return null
  const { map, reader, clause } = line
  const from = fromField(map, 'from', reader, (each) => readInstant(each, reader))
  const until = fromField(map, 'until', reader, (each) => readInstant(each, reader))
  if (from === null || until === null || clause === null) return null
  if (from >= until) mistake(reader, 'AGREEMENT_TERM', map.at, 'the term ends before it begins')
  return { clause, from, until }
}

function readAmounts(field: YamlField, draft: Draft): Amounts | null {
  const line = openLine(field, ['currency', 'ceiling', 'allotted', 'warningPercent', 'clause'], draft)
  if (line === null) return null
  const { map, reader, clause } = line
  const currency = fromField(map, 'currency', reader, (each) => readCurrency(each, reader))
  const ceilingMicros = fromField(map, 'ceiling', reader, (each) => readMoney(each, reader))
  const allottedMicros = fromField(map, 'allotted', reader, (each) => readMoney(each, reader))
  const warning = optional(line, 'warningPercent', (each) => readInteger(each, 1, 99, reader))
  if (currency === null || ceilingMicros === null || allottedMicros === null || clause === null) return null
  if (allottedMicros > ceilingMicros) {
    mistake(reader, 'AGREEMENT_MONEY', placeOf(map, 'allotted'), 'more is allotted than the ceiling')
  }
  return { clause, currency, ceilingMicros, allottedMicros, ...warning }
}

function readRetention(field: YamlField, draft: Draft): Retention | null {
  const line = openLine(field, ['days', 'clause'], draft)
  if (line === null) return null
  const { map, reader, clause } = line
  const days = fromField(map, 'days', reader, (each) => readDays(each, reader))
  if (days === null || clause === null) return null
  if (days < retentionDaysMin) {
    const message = `records are kept for ${days} days`
    const help = `let them be kept for ${retentionDaysMin} days at least; what is gone proves nothing`
    mistake(reader, 'AGREEMENT_RETENTION', placeOf(map, 'days'), message, help)
  }
  return { clause, days }
}

function readProtection(field: YamlField, draft: Draft): Protection | null {
  const line = openLine(field, ['persons', 'data', 'clause'], draft)
  if (line === null) return null
  const { map, reader, clause } = line
  const persons = fromField(map, 'persons', reader, (each) => readWord(each, protectedPersons, reader))
  const data = fromField(map, 'data', reader, (each) => readWords(each, protectedData, reader))
  return persons === null || data === null || clause === null ? null : { clause, persons, data }
}

function readWords<Word extends string>(
  field: YamlField,
  words: readonly Word[],
  reader: YamlReader,
): Word[] | null {
  const items = readList(field, words.length, reader)
  return items?.flatMap((item) => readWord(item, words, reader) ?? []) ?? null
}

function readDuty(line: YamlField, draft: Draft): Duty | null {
  const kind = dutyKinds.find((each) => each === line.key)
  if (kind === undefined) {
    const message = `\`${line.key}\` is no duty`
    mistake(draft.reader, 'AGREEMENT_UNKNOWN_KEY', line.keyAt, message, suggestWord(line.key, dutyKinds))
    return null
  }
  draft.lines.set(`duties/${kind}`, line.keyAt)
  const period = isPeriod(kind)
  const opened = openLine(line, period ? ['days', 'clause'] : ['clause'], draft)
  return opened === null ? null : dutyOf(kind, period, opened)
}

function dutyOf(id: DutyKind, period: boolean, { map, reader, clause }: SingleLine): Duty | null {
  if (clause === null) return null
  if (!period) return { id, clause }
  const days = fromField(map, 'days', reader, (each) => readDays(each, reader))
  return days === null ? null : { id, clause, days }
}

function isPeriod(kind: DutyKind): boolean {
  return periodDuties.some((each) => each === kind)
}

/** Days of a cooling-off period where an agreement names none: what loosens is never in a hurry. */
export const coolingOffDaysDefault = 30

export function coolingOffDays({ duties }: Pick<Schedule, 'duties'>): number {
  return duties.find(({ id }) => id === 'cooling-off')?.days ?? coolingOffDaysDefault
}
