/**
 * Whether the parties signed what a log says is in force: from the texts of the agreements, which the log itself
 * does not hold, and the envelope in each activation entry, which nobody has believed so far.
 */
import {
  compileAgreement,
  requireInForceAt,
  verifyDispute,
  verifyEnvelope,
  verifyOrder,
} from '../agreement/index.ts'
import type { Agreement, VerifiedAgreement } from '../agreement/index.ts'
import { digestOf } from '../base/index.ts'
import type {
  ActivationLeaf,
  AnnouncedLeaf,
  CameAbout,
  Decision,
  DisputeLeaf,
  Leaf,
  OrderLeaf,
  Redemption,
  SignedChecks,
} from '../ledger/index.ts'
import { requireApproved, requireDecided } from './approval-check.ts'
import { OversightError } from './oversight-error.ts'

/** What is known of one activation once its signatures are verified. */
interface CheckedAgreement {
  readonly entry: number
  readonly agreement: string
  readonly version: number
  readonly hash: string
  /** Parties of which a key signed that anyone can make. */
  readonly demoParties: readonly string[]
}

/** An order whose signatures are verified. */
interface CheckedOrder {
  readonly entry: number
  readonly order: OrderLeaf['order']
  readonly agreement: string
  /** Parties of which a key signed, and those of them whose key anyone can make. */
  readonly parties: readonly string[]
  readonly demoParties: readonly string[]
}

/** A dispute whose signatures are verified. */
interface CheckedDispute {
  readonly entry: number
  readonly agreement: string
  readonly version: number
  readonly clause: string
  /** As of an order. */
  readonly parties: readonly string[]
  readonly demoParties: readonly string[]
}

/** The text of an agreement that an entry names: untrusted, for whoever keeps it may have changed it. */
export type TextOf = (activation: Pick<ActivationLeaf, 'seq' | 'hash'>) => string | undefined

/**
 * Texts as they are kept with their activations: of an activation the one that is kept with it, whatever that is; else
 * one with the digest that is asked for.
 */
export function storedTexts(rows: readonly { readonly seq: number; readonly text: string }[]): TextOf {
  const byEntry = new Map(rows.map(({ seq, text }) => [seq, text]))
  const byDigest = new Map(rows.map(({ text }) => [digestOf(text), text]))
  return ({ seq, hash }) => byEntry.get(seq) ?? byDigest.get(hash)
}

/** Checks signatures for one reading of one log: each check answers whether the text for it is at hand, or throws. */
export class AgreementCheck {
  readonly #textOf: TextOf
  /** Those that are verified, by their digest. */
  readonly #verified = new Map<string, Agreement>()
  readonly #checked: CheckedAgreement[] = []
  readonly #orders: CheckedOrder[] = []
  readonly #disputes: CheckedDispute[] = []
  readonly #missing: string[] = []
  #origin: string
  /** For whoever reads the log, entry by entry. */
  readonly checks: Required<SignedChecks> = {
    checkAgreement: (activation, before, about) => this.#checkAgreement(activation, before, about),
    checkAnnounced: (leaf, activation) => this.#checkAnnounced(leaf, activation),
    checkOrder: (leaf, activation) => this.#checkOrder(leaf, activation),
    checkDispute: (leaf, activation) => this.#checkDispute(leaf, activation),
    checkDecision: (decision) => this.#checkDecision(decision),
    checkHold: (redemption) => this.#checkHold(redemption),
  }

  /** `origin` where the log is known by its name already; else its first entry says it. */
  constructor(textOf: TextOf, origin = '') {
    this.#textOf = textOf
    this.#origin = origin
  }

  get checked(): readonly CheckedAgreement[] {
    return this.#checked
  }

  get orders(): readonly CheckedOrder[] {
    return this.#orders
  }

  get disputes(): readonly CheckedDispute[] {
    return this.#disputes
  }

  /** Versions that are in force or were made known, whose text, or that of the version before, is not at hand. */
  get missing(): readonly string[] {
    return this.#missing
  }

  /** Told of every entry: the first names the log. */
  add(leaf: Leaf): void {
    if (leaf.kind === 'opened') this.#origin = leaf.origin
  }

  #checkAgreement(activation: ActivationLeaf, before: ActivationLeaf | undefined, about: CameAbout): boolean {
    const { seq, agreement: id, version, hash } = activation
    const text = this.#textOf(activation)
    const agreement = text === undefined ? undefined : requireNamed(activation, text)
    const previous = agreement && this.#previousOf(agreement, before)
    if (!agreement || (version > 1 && !previous)) {
      return this.#isMissing({ seq, id, version, hash })
    }
    const { demoParties } = requireMayAct(agreement, { ...about, activation, previous })
    this.#verified.set(hash, agreement)
    this.#checked.push({ entry: seq, agreement: id, version, hash, demoParties })
    return true
  }

  #checkAnnounced(announced: AnnouncedLeaf, { agreement: id, hash: before }: ActivationLeaf): boolean {
    const { seq, version, hash } = announced
    const text = this.#textOf(announced)
    const previous = this.#verified.get(before)
    if (text === undefined || !previous) return this.#isMissing({ seq, id, version, hash })
    verifyEnvelope(requireNamed({ agreement: id, version, hash }, text), announced.envelope, previous)
    return true
  }

  #isMissing({ seq, id, version, hash }: Missing): false {
    this.#missing.push(`\`${id}\` version ${version} (entry ${seq}, ${hash})`)
    return false
  }

  #checkOrder(leaf: OrderLeaf, { hash }: ActivationLeaf): boolean {
    const agreement = this.#verified.get(hash)
    if (!agreement) return false
    const { order, parties, demoParties } = verifyOrder(agreement, leaf.envelope)
    const lifts =
      order.lifts.length === leaf.lifts.length && order.lifts.every((id, i) => id === leaf.lifts[i])
    const same = order.order === leaf.order && order.id === leaf.id && lifts
    if (!same) throw mismatch('it says something else than what was signed')
    this.#orders.push({
      entry: leaf.seq,
      order: order.order,
      agreement: order.agreement,
      parties,
      demoParties,
    })
    return true
  }

  #checkDispute({ seq, id, clause, envelope }: DisputeLeaf, { hash, version }: ActivationLeaf): boolean {
    const agreement = this.#verified.get(hash)
    if (!agreement) return false
    const { dispute, parties, demoParties } = verifyDispute(agreement, envelope)
    if (dispute.id !== id || dispute.clause !== clause) {
      throw mismatch('it says something else than what was signed')
    }
    this.#disputes.push({ entry: seq, agreement: dispute.agreement, version, clause, parties, demoParties })
    return true
  }

  #checkDecision(decision: Decision): boolean {
    const agreement = this.#verified.get(decision.activation.hash)
    if (!agreement) return false
    requireDecided(decision, agreement, this.#origin)
    return true
  }

  #checkHold(redemption: Redemption): boolean {
    const agreement = this.#verified.get(redemption.activation.hash)
    if (!agreement) return false
    requireApproved(redemption, agreement, this.#origin)
    return true
  }

  /** The version that this one amends; what stands before the log's beginning is believed by its digest alone. */
  #previousOf({ schedule }: Agreement, before: ActivationLeaf | undefined): Agreement | undefined {
    if (before) return this.#verified.get(before.hash)
    const { previous: hash } = schedule
    const text = hash === undefined ? undefined : this.#textOf({ seq: -1, hash })
    return text === undefined ? undefined : (compileAgreement(text).agreement ?? undefined)
  }
}

interface Missing {
  readonly seq: number
  readonly id: string
  readonly version: number
  readonly hash: string
}

interface Acting extends CameAbout {
  readonly activation: ActivationLeaf
  readonly previous: Agreement | undefined
}

/** Who must have signed has, and it came into force no sooner than it might. */
function requireMayAct(
  agreement: Agreement,
  { activation, previous, announced, judgedBefore }: Acting,
): VerifiedAgreement {
  const verified = verifyEnvelope(agreement, activation.envelope, previous)
  const { time: at } = activation
  if (verified.effective > at) throw mismatch('it was put into force before the time that was signed')
  requireInForceAt(verified, previous, { at, announcedAt: announced?.time, judgedBefore })
  return verified
}

/** Compiles the text, which must be the one that the entry names. */
function requireNamed(
  { agreement: id, version, hash }: Pick<ActivationLeaf, 'agreement' | 'version' | 'hash'>,
  text: string,
): Agreement {
  if (digestOf(text) !== hash) {
    throw mismatch(`the text at hand has the digest ${digestOf(text)}, the entry names ${hash}`)
  }
  const { agreement } = compileAgreement(text)
  if (agreement === null) throw mismatch('the text that it names does not compile')
  const { schedule } = agreement
  if (schedule.id === id && schedule.version === version) return agreement
  throw mismatch(
    `it says \`${id}\` version ${version}, the text that it names is \`${schedule.id}\` version ${schedule.version}`,
  )
}

function mismatch(message: string): OversightError {
  return new OversightError('SIGNED_FALSE', message)
}
