/** What a gate answers of a replay, member by member. */
import type {
  Judged,
  Judgement,
  ReplayChange,
  ReplayPlace,
  ReplayReport,
  ReplayedUnit,
  ReplayedVersion,
} from '../api/index.ts'
import type { Json } from '../base/index.ts'
import { count, listOf, mapOf, objectOf, oneOf, readAnswer, text, time } from './answer-shape.ts'

const place = objectOf<ReplayPlace>({ entry: count, exchange: text })

const judgement = objectOf<Judgement>({ verdict: oneOf('allow', 'hold', 'deny'), clauses: listOf(text) })

const judged = objectOf<Judged>({
  total: count,
  same: count,
  sameByOthers: count,
  nowAllowed: count,
  nowHeld: count,
  nowDenied: count,
  unreproducible: count,
})

const report = objectOf<ReplayReport>({
  agreement: text,
  before: listOf(objectOf<ReplayedVersion>({ entry: count, version: count, hash: text })),
  under: objectOf<ReplayReport['under']>({ version: count, hash: text }),
  period: objectOf<ReplayReport['period']>({ since: time, until: time }),
  covered: objectOf<ReplayReport['covered']>({ size: count, time }),
  decisions: count,
  judged,
  unreadable: objectOf<ReplayReport['unreadable']>({
    gone: count,
    altered: count,
    'other-key': count,
    'no-facts': count,
    'no-version': count,
  }),
  notJudged: objectOf<ReplayReport['notJudged']>({
    'by-system': count,
    repeats: count,
    interrupted: count,
    'not-reached': count,
  }),
  changes: listOf(
    objectOf<ReplayChange>({
      from: judgement,
      to: judgement,
      count,
      units: mapOf(count),
      places: listOf(place),
    }),
  ),
  moreChanges: count,
  units: listOf(
    objectOf<ReplayedUnit>({
      unit: text,
      total: count,
      same: count,
      nowAllowed: count,
      nowHeld: count,
      nowDenied: count,
    }),
  ),
  unreproducible: listOf(place),
})

/** Throws `CLI_UNANSWERED` where the answer is of another form. */
export function parseReplay(answer: Json): ReplayReport {
  return readAnswer(answer, report)
}
