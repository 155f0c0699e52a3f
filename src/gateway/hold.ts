/**
 * Calls that wait for people: what is sealed about one when it is held, how a repeat of it finds its hold, and what
 * the approvals of that hold lift when the call comes again.
 */
import { canonicalJson, equalBytes, isObject, newId, utf8 } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import type { Decision, Stage } from '../decision/index.ts'
import {
  OversightError,
  approvedLevels,
  newSubject,
  openSubject,
  rebindSubject,
  subjectDigest,
} from '../oversight/index.ts'
import type { CallSubject, HoldSubject } from '../oversight/index.ts'
import type { NewHold, OpenHold } from '../recorder/index.ts'
import { RecordError, pseudonym } from '../records/index.ts'
import type { WrappingKey } from '../records/index.ts'
import type { PlacedFinding } from '../screening/index.ts'
import type { ExchangeDeps } from './admitted.ts'
import type { JudgedChoice } from './answer-judge.ts'
import { listFindings } from './evidence.ts'
import type { Approved, Known } from './know.ts'

/** A call that was screened and can be sent: enough to know it again. */
export interface HoldableCall {
  readonly known: Known
  /** Digest of the bytes that would leave. */
  readonly sentDigest: string
}

/** The same for the same call of the same caller under the same version, and for no other. */
export function callKey({ known, sentDigest }: HoldableCall, key: WrappingKey): string {
  const { caller, chat, inForce } = known
  const { id, unit, chain, purpose, surface, consumer, provenance } = caller
  const who = [id, unit, chain, purpose, surface, consumer, provenance]
  const what = [chat.model, inForce?.entry ?? null, sentDigest]
  return pseudonym(key, 'call', canonicalJson([...who, ...what]))
}

/** What is shown of a call, and must be the same when it comes again. */
export function callSubject({ known, sentDigest }: HoldableCall): CallSubject {
  const { caller, chat, inForce, route } = known
  const { id, unit, chain, purpose, surface, consumer, provenance } = caller
  const { schedule, hash } = inForce?.agreement ?? {}
  return {
    ...{ caller: id, unit, chain, purpose, surface, consumer, provenance },
    route: chat.model,
    model: route?.model.id ?? '',
    agreement: {
      id: schedule?.id ?? '',
      version: schedule?.version ?? 0,
      hash: hash ?? '',
      entry: inForce?.entry ?? -1,
    },
    request: chat.tree,
    sent: sentDigest,
  }
}

/** What stopped, and all that is known of it. */
export interface HeldBecause {
  readonly stage: Stage
  readonly decision: Decision
  readonly findings: readonly PlacedFinding[]
  /** The finished answer, or null where no model was called. */
  readonly answer: readonly JudgedChoice[] | null
}

/** A hold to open: what is sealed of it, and what the recorder keeps. */
export interface HoldToOpen {
  readonly subject: HoldSubject
  readonly hold: NewHold
}

export function newHold(
  call: HoldableCall,
  { stage, decision, findings, answer }: HeldBecause,
  { clock, holdMs, recordKey }: Pick<ExchangeDeps, 'clock' | 'holdMs' | 'recordKey'>,
): HoldToOpen {
  const { known } = call
  const id = newId('hold')
  const expiresAt = clock.now() + holdMs
  // What a request was approved for is decided anew with its answer, so that is asked for again beside it.
  const { approved } = known
  const rules = unionOf(
    approved?.rules,
    decision.citations.map(({ rule }) => rule),
  )
  const asks = unionOf(approved?.asks, decision.asks).sort()
  const subject = newSubject({
    ...callSubject(call),
    origin: known.origin,
    hold: id,
    exchange: known.exchange,
    stage,
    answer: answer as unknown as Json,
    findings: listFindings(findings),
    rules,
    asks,
    expires: expiresAt,
  })
  const caller = pseudonym(recordKey, 'caller', known.caller.id)
  const hold: NewHold = {
    ...{ id, expiresAt, caller, call: callKey(call, recordKey) },
    subject: subjectDigest(subject),
    asks,
  }
  return { subject, hold }
}

function unionOf(before: Iterable<string> | undefined, now: readonly string[]): string[] {
  return [...new Set([...(before ?? []), ...now])]
}

/** What people have decided about an open hold, as far as it binds this call. */
export interface Redemption {
  readonly approved: Approved
  /** The answer that was held; null where none was there yet. */
  readonly answer: readonly JudgedChoice[] | null
}

/**
 * Opens what was sealed, puts the call as it is now in the place of the call as it was then, and counts the approvals
 * whose signatures cover exactly that. Null where the record is gone, or is not what people were shown, or the call
 * is another: then nothing was approved.
 */
export async function redemptionOf(
  hold: OpenHold,
  call: HoldableCall,
  deps: Pick<ExchangeDeps, 'recorder' | 'recordKey' | 'lease'>,
): Promise<Redemption | null> {
  const { known } = call
  const { inForce } = known
  const shown = await openHeld(hold, known.origin, deps)
  if (!inForce || !shown) return null
  const bound = subjectDigest(rebindSubject(shown, callSubject(call)))
  if (!equalBytes(utf8(bound), utf8(hold.subject))) return null
  const { reviewers } = deps.lease.require()
  const levels = approvedLevels(hold, { origin: known.origin, reviewers, agreement: inForce.agreement })
  const answer = shown.answer as unknown as readonly JudgedChoice[] | null
  const approved = {
    ...{ levels, rules: new Set(shown.rules), asks: shown.asks, acts: answer !== null },
    signals: signalsOf(shown.findings),
  }
  return { approved, answer }
}

function signalsOf(findings: Json): ReadonlySet<string> {
  const listed = Array.isArray(findings) ? (findings as readonly Json[]).filter(isObject) : []
  return new Set(listed.map(({ signal }) => signal).filter((signal) => typeof signal === 'string'))
}

async function openHeld(
  hold: OpenHold,
  origin: string,
  { recorder, recordKey }: Pick<ExchangeDeps, 'recorder' | 'recordKey'>,
): Promise<HoldSubject | null> {
  const sealed = await recorder.sealed(hold.seq)
  if (!sealed) return null
  try {
    return openSubject(sealed, hold, { origin, recordKey })
  } catch (error) {
    // An altered record, or one under a key that is no longer here, was approved by nobody.
    if (error instanceof RecordError || error instanceof OversightError) return null
    throw error
  }
}
