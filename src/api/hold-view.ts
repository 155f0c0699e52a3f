/** A hold as a reviewer sees it. */
import type { Agreement } from '../agreement/index.ts'
import { approversOf, askedText, lackOf, openState, validApprovals } from '../oversight/index.ts'
import type { HoldSubject } from '../oversight/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import type { OpenHold } from '../recorder/index.ts'
import type { AgreementInForce, Standing } from '../standing/index.ts'

/** A hold that this reviewer may decide about. */
export interface ReviewedHold {
  readonly hold: OpenHold
  readonly inForce: AgreementInForce
  readonly reviewer: EnrolledReviewer
}

export interface ListedHold {
  readonly id: string
  readonly agreement: { readonly id: string; readonly version: number }
  readonly stage: 'request' | 'tool' | 'answer'
  readonly rules: readonly string[]
  readonly state: 'waiting' | 'approved' | 'expired'
  readonly levels: readonly LevelView[]
  /** `2026-11-20T15:00:00.000Z`: when silence has denied it. */
  readonly expires: string
}

/** A level that is asked: how many distinct persons it needs, and how many of them have approved. Names nobody. */
interface LevelView {
  readonly id: string
  readonly title: string
  readonly persons: number
  readonly approved: number
  /** Whom it needs, in words: `two of reviewers of field-clinics and one of counsel`. */
  readonly asks: string
  /** Who of them is still missing, in words; null where it is approved. */
  readonly missing: string | null
  /** This reviewer may approve it. */
  readonly yours: boolean
}

export interface ShownHold extends ListedHold {
  /** All that is signed by its digest; whoever signs computes that digest anew. */
  readonly subject: HoldSubject
  readonly clauses: readonly ClauseView[]
}

interface ClauseView {
  readonly rule: string
  readonly clause: string
  readonly title: string
  readonly text: string
}

export function listedHold(
  { hold, inForce, reviewer }: ReviewedHold,
  { origin, reviewers }: Pick<Standing, 'origin' | 'reviewers'>,
  now: number,
): ListedHold {
  const { agreement } = inForce
  const { id, version, levels } = agreement.schedule
  const valid = validApprovals(hold, { origin, reviewers, agreement: id })
  return {
    id: hold.id,
    agreement: { id, version },
    stage: hold.stage,
    rules: hold.rules,
    state: openState(hold, { origin, reviewers, agreement }, now),
    levels: levels
      .filter((level) => hold.asks.includes(level.id))
      .map((level) => {
        const lack = lackOf(level, approversOf(valid, level.id), agreement)
        return {
          id: level.id,
          title: level.title ?? level.id,
          persons: level.persons,
          approved: level.persons - (lack?.count ?? 0),
          asks: askedText(level),
          missing: lack?.words ?? null,
          yours: reviewer.levels.includes(level.id),
        }
      }),
    expires: new Date(hold.expiresAt).toISOString(),
  }
}

/** The clauses of the rules, in full. */
export function clausesOf({ rules, clauses }: Agreement, ids: readonly string[]): ClauseView[] {
  return ids.flatMap((id) => {
    const clause = clauses.get(rules.find((rule) => rule.id === id)?.clause ?? '')
    return clause ? [{ rule: id, clause: clause.id, title: clause.title, text: clause.text }] : []
  })
}
