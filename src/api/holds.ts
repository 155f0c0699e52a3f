/** Holds, for reviewers: which of them they may decide about, what each is about, and their decisions. */
import { reasonDigest } from '../agreement/index.ts'
import { digestOf, invariant } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import {
  OversightError,
  openState,
  openSubject,
  personsOf,
  requireTransition,
  validApprovals,
  verifyDecision,
} from '../oversight/index.ts'
import type { DecisionStatement, HoldState, HoldSubject, RegisteredReviewer } from '../oversight/index.ts'
import { RecordError, committedFields, sealRecord } from '../records/index.ts'
import type { FieldValues } from '../records/index.ts'
import type { OpenHold } from '../recorder/index.ts'
import type { Standing } from '../standing/index.ts'
import type { ControlDeps, Oversight } from './control-deps.ts'
import { ControlError } from './control-error.ts'
import { clausesOf, listedHold } from './hold-view.ts'
import type { ListedHold, ReviewedHold, ShownHold } from './hold-view.ts'
import { misshapen, readSigned } from './read-body.ts'

type HoldDeps = Pick<ControlDeps, 'recorder' | 'clock'> & { readonly oversight: Oversight }

/** Who asks, by the key that signed the request, and what is in force. */
export interface Asking {
  /** Raw public key in base64. */
  readonly key: string
  readonly standing: Standing
}

export interface DecisionTaken {
  readonly verdict: 'approve' | 'deny'
  readonly seq: number
  readonly receipt: string
  /** What the hold has become; `waiting` where approvals are still missing. */
  readonly state: HoldState
}

export async function listHolds(asking: Asking, { recorder, clock }: HoldDeps): Promise<ListedHold[]> {
  const holds = await recorder.holds()
  return holds
    .flatMap((hold) => reviewable(hold, asking))
    .map((reviewed) => listedHold(reviewed, asking.standing, clock.now()))
}

export async function showHold(id: string, asking: Asking, deps: HoldDeps): Promise<ShownHold> {
  const reviewed = await requireHold(id, asking, deps)
  const subject = await openHeld(reviewed.hold, asking.standing.origin, deps)
  return {
    ...listedHold(reviewed, asking.standing, deps.clock.now()),
    subject,
    // All that an approval lifts, and not only what the entry of the hold names.
    clauses: clausesOf(reviewed.inForce.agreement, subject.rules),
  }
}

/** Everything is checked before anything is written. INVARIANT: called one after another. */
export async function decideHold(
  id: string,
  body: unknown,
  asking: Asking,
  deps: HoldDeps,
): Promise<DecisionTaken> {
  const { envelope, reason, salt } = readSigned(body)
  const { hold, inForce } = await requireHold(id, asking, deps)
  const { origin, reviewers } = asking.standing
  const { agreement } = inForce
  const context = { origin, reviewers, agreement: agreement.schedule.id }
  const { reviewer, statement } = verifyDecision(envelope, { ...context, hold })
  if (reviewer.key !== asking.key) throw misshapen('another key signed the request than the decision')
  if (reasonDigest(salt, reason) !== statement.reason) {
    throw misshapen('the reason is not the one whose digest was signed')
  }
  requireFirst(reviewer.person, personsOf(validApprovals(hold, context)))
  const stateOf = (approvals: readonly Json[]) =>
    openState({ ...hold, approvals }, { origin, reviewers, agreement }, deps.clock.now())
  const enough = stateOf([...hold.approvals, envelope]) === 'approved'
  const event = statement.verdict === 'deny' ? 'deny' : enough ? 'complete' : 'approve'
  const state = requireTransition(stateOf(hold.approvals), event)
  const registered = requireRegistered(reviewer.key, context.agreement, deps.oversight)
  const recorded = await deps.recorder.decideHold(
    decisionEntry({ hold, statement, envelope, registered, reason, salt, origin }, deps),
  )
  return { verdict: statement.verdict, seq: recorded.seq, receipt: recorded.receipt, state }
}

/** The hold, where this reviewer may decide about it; nothing where not. */
function reviewable(hold: OpenHold, { key, standing }: Asking): ReviewedHold[] {
  const inForce = [...standing.agreements.values()].find(({ entry }) => entry === hold.agreement)
  if (!inForce) return []
  const { id } = inForce.agreement.schedule
  const reviewer = standing.reviewers.find((one) => one.key === key && one.agreement === id)
  if (!reviewer?.levels.some((level) => hold.asks.includes(level))) return []
  const isCaller = standing.reviewers.some(
    ({ person, callers }) => person === reviewer.person && callers.includes(hold.caller),
  )
  return isCaller ? [] : [{ hold, inForce, reviewer }]
}

async function requireHold(id: string, asking: Asking, { recorder }: HoldDeps): Promise<ReviewedHold> {
  const hold = (await recorder.holds()).find((one) => one.id === id)
  const [reviewed] = hold ? reviewable(hold, asking) : []
  if (reviewed) return reviewed
  throw new ControlError('CONTROL_NOT_FOUND', `no hold \`${id}\` waits for this reviewer`)
}

async function openHeld(
  hold: OpenHold,
  origin: string,
  { recorder, oversight: { recordKey } }: HoldDeps,
): Promise<HoldSubject> {
  const sealed = await recorder.sealed(hold.seq)
  if (!sealed) throw unshowable('is gone')
  try {
    return openSubject(sealed, hold, { origin, recordKey })
  } catch (cause) {
    if (cause instanceof RecordError) throw unshowable('cannot be opened', cause)
    if (cause instanceof OversightError) throw unshowable('is not what was held', cause)
    throw cause
  }
}

function unshowable(why: string, cause?: unknown): ControlError {
  const message = `the record of this hold ${why}, so nobody can be shown what it is about`
  return new ControlError('CONTROL_RECORD', message, { cause })
}

function requireFirst(person: string, decided: ReadonlySet<string>): void {
  if (!decided.has(person)) return
  throw new OversightError('REVIEW_TWICE', 'this person has decided about this hold before')
}

function requireRegistered(key: string, agreement: string, { registered }: Oversight): RegisteredReviewer {
  const found = registered.find((one) => one.key === key && one.agreement === agreement)
  invariant(found, 'the list that is enrolled was made from the file that is registered')
  return found
}

interface Taken {
  readonly hold: OpenHold
  readonly statement: DecisionStatement
  readonly envelope: Json
  readonly registered: RegisteredReviewer
  readonly reason: string
  readonly salt: string
  readonly origin: string
}

function decisionEntry(taken: Taken, { oversight }: HoldDeps) {
  const { hold, statement, envelope, registered, reason, salt, origin } = taken
  const { id, title, person } = registered
  const { sealed, commitments } = sealRecord(
    { fields: fieldsOf(id), content: { reviewer: { id, title, person }, reason, salt } },
    { origin, exchange: hold.exchange, step: 'decision' },
    oversight.recordKey,
  )
  return {
    leaf: {
      kind: 'hold-decided' as const,
      exchange: hold.exchange,
      hold: hold.id,
      verdict: statement.verdict,
      envelope,
      commitments,
      record: digestOf(sealed),
    },
    sealed,
  }
}

/** The reviewer stands in `caller`; every other field is empty. */
function fieldsOf(caller: string): FieldValues {
  const empty = Object.fromEntries(committedFields.map((name) => [name, ''])) as FieldValues
  return { ...empty, caller }
}
