/**
 * Versions of agreements that are to come into force: everything is verified against what is in force now before
 * anything is written, and what loosens is made known first. From the activation entry on the new version acts.
 */
import {
  AgreementError,
  compileAgreement,
  keysOf,
  requireCooledOff,
  requireInForceAt,
  requireSuccessor,
  verifyEnvelope,
} from '../agreement/index.ts'
import type { Agreement, VerifiedAgreement } from '../agreement/index.ts'
import { equalBytes, parseEnvelope } from '../base/index.ts'
import type { Clock, Json, ParsedEnvelope } from '../base/index.ts'
import type { AgreementInForce, PendingAmendment, Standing } from '../standing/index.ts'
import type { ControlDeps } from './control-deps.ts'
import { ControlError } from './control-error.ts'
import type { CurrentStanding } from './current-standing.ts'
import { countingEnvelope, misshapen, readObject } from './read-body.ts'
import { requireStandable } from './standable.ts'

/** What became of a version that was handed in. */
export interface AgreementTaken {
  /**
   * `in-force` from this entry on, or already; `announced` by this entry, or already: it loosens and waits; `early`:
   * nothing is written, for the time that was signed has not come.
   */
  readonly outcome: 'in-force' | 'already-in-force' | 'announced' | 'already-announced' | 'early'
  readonly agreement: string
  readonly version: number
  readonly hash: string
  /** Compared with the version before; null where there is none, or where it was not asked again. */
  readonly verdict: VerifiedAgreement['verdict']
  /** The activation, or the entry that made it known; null where there is none. */
  readonly entry: number | null
  /** The log's promise of an entry that was written now. */
  readonly receipt: string | null
  /** `2026-11-20T15:00:00.000Z`: from when it can come into force, by handing it in again; null where it is. */
  readonly actsFrom: string | null
  /** Parties of which a key signed that anyone can derive. */
  readonly demoParties: readonly string[]
}

/** As JSON, an agreement of the greatest length with its signatures may take this many bytes. */
export const agreementBytesMax = 8_388_608

/** The recorder writes a moment later than is known here, and its time is what counts. */
const announceMarginMs = 60_000

type Deps = Pick<ControlDeps, 'recorder' | 'clock' | 'activation'>

/** A version that is signed by all who must, and on which the gate could stand. */
interface Candidate {
  readonly agreement: Agreement
  readonly inForce: AgreementInForce | undefined
  readonly verified: VerifiedAgreement
  /** The envelope, as it is written: where it was made known, the very one that was. */
  readonly envelope: Json
  readonly known: PendingAmendment | undefined
}

interface JudgedCandidate extends Candidate {
  readonly judgedUnder: Standing['version']
}

/**
 * `{text, envelope}`. INVARIANT: called for one version at a time. Throws `CONTROL_REQUEST`, `CONTROL_AGREEMENT`,
 * `AGREEMENT_UNSIGNABLE`, and what `requireSuccessor`, `verifyEnvelope`, `requireInForceAt` and the recorder throw:
 * then nothing is written.
 */
export async function takeAgreement(
  body: unknown,
  standing: CurrentStanding,
  deps: Deps,
): Promise<AgreementTaken> {
  const { text, envelope } = readObject(body, ['text', 'envelope'])
  if (typeof text !== 'string') throw misshapen('the text of an agreement is needed')
  const parsed = parseEnvelope(envelope)
  const agreement = requireCompiled(text)
  const { id } = agreement.schedule
  const before = (await standing.read()).agreements.get(id)
  if (before?.signed.hash === agreement.hash) return alreadyInForce(before)
  if (before) requireSuccessor(before.signed, agreement)
  await deps.activation.examine(agreement, before?.signed)
  // What takes seconds is over: everything is judged by what stands now.
  const now = await standing.read()
  const candidate = { ...verify(agreement, parsed, now), judgedUnder: now.version }
  const time = deps.clock.now()
  requireStandable(candidate, { time, now, answer: await deps.recorder.standing(), ...deps.activation })
  if (candidate.verified.loosens && candidate.known === undefined) return announce(candidate, deps)
  if (candidate.verified.effective > time) return wait(candidate)
  return activate(candidate, time, deps)
}

function requireCompiled(text: string): Agreement {
  const { agreement, diagnostics } = compileAgreement(text)
  if (agreement) return agreement
  const first = diagnostics.find(({ severity }) => severity === 'error')
  const place =
    first === undefined ? '' : ` at ${first.line}:${first.column}, ${first.code}: ${first.message}`
  throw new AgreementError('AGREEMENT_UNSIGNABLE', `the agreement must be mended first${place}`)
}

function verify(agreement: Agreement, given: ParsedEnvelope, now: Standing): Candidate {
  const inForce = now.agreements.get(agreement.schedule.id)
  const known = now.pending.find(
    (one) =>
      one.agreement === inForce?.entry &&
      one.hash === agreement.hash &&
      equalBytes(parseEnvelope(one.envelope).payload, given.payload),
  )
  // Who signed since it was made known changes nothing of it.
  const keys = [agreement, ...(inForce ? [inForce.signed] : [])].flatMap(keysOf)
  const envelope = known?.envelope ?? countingEnvelope(given, keys)
  const verified = verifyEnvelope(agreement, envelope, inForce?.signed)
  if (verified.loosens && inForce && inForce.stops.length > 0) {
    const message = `while ${inForce.stops.join(', ')} stands, nothing loosens: resume first`
    throw new ControlError('CONTROL_AGREEMENT', message)
  }
  return { agreement, inForce, verified, envelope, known }
}

async function announce(candidate: Candidate, { recorder, clock }: Deps): Promise<AgreementTaken> {
  const { agreement, inForce, verified, envelope } = candidate
  if (inForce === undefined) throw new ControlError('CONTROL_AGREEMENT', 'there is no version that it amends')
  requireCooledOff(verified.effective, inForce.signed, clock.now() + announceMarginMs)
  const { seq, receipt } = await recorder.note({
    kind: 'announced',
    agreement: inForce.entry,
    version: agreement.schedule.version,
    hash: agreement.hash,
    envelope,
    ...demoMark(verified),
  })
  return { ...takenOf(candidate), outcome: 'announced', entry: seq, receipt }
}

/** A later call, once its time has come, brings it into force. */
function wait(candidate: Candidate): AgreementTaken {
  const { known, inForce, verified } = candidate
  if (known === undefined) return { ...takenOf(candidate), outcome: 'early' }
  // One that was made known too late for the time that it names would wait for ever.
  if (verified.loosens && inForce) requireCooledOff(verified.effective, inForce.signed, known.time)
  return { ...takenOf(candidate), outcome: 'already-announced', entry: known.seq }
}

async function activate(
  candidate: JudgedCandidate,
  at: number,
  { recorder }: { readonly recorder: ControlDeps['recorder']; readonly clock: Clock },
): Promise<AgreementTaken> {
  const { agreement, inForce, verified, envelope, known, judgedUnder } = candidate
  // Whether something was judged until now the recorder alone could say: it is taken that it was.
  requireInForceAt(verified, inForce?.signed, { at, announcedAt: known?.time, judgedBefore: true })
  const { id, version } = agreement.schedule
  const leaf = { kind: 'activation', agreement: id, version, hash: agreement.hash, envelope } as const
  const announced = known === undefined ? {} : { announced: known.seq }
  const { seq, receipt } = await recorder.activate({
    leaf: { ...leaf, ...announced, ...demoMark(verified) },
    text: agreement.text,
    ...{ judgedUnder, notBefore: verified.effective },
  })
  return { ...takenOf(candidate), outcome: 'in-force', entry: seq, receipt, actsFrom: null }
}

function demoMark({ demoParties }: VerifiedAgreement): { readonly demo?: true } {
  return demoParties.length > 0 ? { demo: true } : {}
}

function takenOf({ agreement, verified }: Candidate): Omit<AgreementTaken, 'outcome'> {
  const { id, version } = agreement.schedule
  return {
    agreement: id,
    version,
    hash: agreement.hash,
    verdict: verified.verdict,
    entry: null,
    receipt: null,
    actsFrom: verified.statement.effective,
    demoParties: verified.demoParties,
  }
}

function alreadyInForce({ signed: agreement, entry }: AgreementInForce): AgreementTaken {
  const { id, version } = agreement.schedule
  const nothing = { verdict: null, receipt: null, actsFrom: null, demoParties: [] }
  return { outcome: 'already-in-force', agreement: id, version, hash: agreement.hash, entry, ...nothing }
}
