/**
 * Leaf v1: what the ledger says of each step, in the clear and for ever. Nothing in it would ever need to be
 * taken out: who called, for which unit and to what purpose are commitments, and the content is a digest of
 * sealed bytes. The bytes of a leaf are canonical JSON (RFC 8785), so a stranger's program reads them.
 */
import { JsonError, canonicalJson, equalBytes, isObject, parseJson, utf8 } from '../base/index.ts'
import type { Json, JsonObject } from '../base/index.ts'
import { LedgerError } from './ledger-error.ts'
import { entryBytesMax } from './merkle.ts'
import { isKeyName } from './note.ts'

interface Step {
  readonly v: 1
  /** The index in the log, from 0. */
  readonly seq: number
  /** Milliseconds since the Unix epoch; never falls from one entry to the next. */
  readonly time: number
}

/** The first entry of every log. */
export interface OpenedLeaf extends Step {
  readonly kind: 'opened'
  readonly origin: string
  /** `gate` for the log of a provider's gate; absent for that of an agency's. */
  readonly role?: 'gate'
}

/** From here on this version of the agreement is in force. */
export interface ActivationLeaf extends Step {
  readonly kind: 'activation'
  readonly agreement: string
  readonly version: number
  /** `sha256:<hex>` of the agreement file. */
  readonly hash: string
  /** The activation entry of the version before; absent for the first version in this log. */
  readonly supersedes?: number
  /** The signed statement as it was verified (DSSE envelope). */
  readonly envelope: Json
  /** Present where demonstration keys signed. */
  readonly demo?: true
}

interface ExchangeStep extends Step {
  readonly exchange: string
  /** The activation entry of the agreement that was applied; absent where the call named no route of any. */
  readonly agreement?: number
  readonly stage: 'request' | 'tool' | 'answer'
  readonly decision: 'allow' | 'hold' | 'deny'
  /** Ids of the rules that caused the decision, such as `4.2#1`. */
  readonly rules: readonly string[]
  /** Provider code of the schedule; absent where the call named no route. */
  readonly provider?: string
  /** `rehearsal` where no model answers but the scripted one. */
  readonly upstream?: 'live' | 'rehearsal'
  /** Hex root of the salted commitments, see records. */
  readonly commitments: string
  /** `sha256:<hex>` of the sealed record. */
  readonly record: string
}

/** The request may go out: written before it does. */
export interface IntentLeaf extends ExchangeStep {
  readonly kind: 'intent'
  readonly decision: 'allow'
  /** `sha256:<hex>` of the agreement that was applied, as its activation says: the provider's gate compares it. */
  readonly text: string
  /**
   * The hold that it redeems, and thereby uses up. With stage `request` a model is called; with stage `answer` the
   * answer that was held is given out and no model is called.
   */
  readonly hold?: string
}

/** The request does not go out: denied or held. */
export interface RefusalLeaf extends ExchangeStep {
  readonly kind: 'refusal'
  readonly decision: 'deny' | 'hold'
  /** The hold that it opens, or the open one that this very call waits for. */
  readonly hold?: string
  /** When the hold that it opens ends, in milliseconds since the epoch; absent where it opens none. */
  readonly expires?: number
}

export type OutcomeStatus =
  | 'completed'
  /** A clause stopped the answer, before or after its first byte. */
  | 'stopped'
  /** The upstream failed or answered nonsense. */
  | 'failed'
  | 'client-gone'

/** What became of an intent: written before the last byte of the answer. */
export interface OutcomeLeaf extends ExchangeStep {
  readonly kind: 'outcome'
  /** The intent's entry. */
  readonly intent: number
  readonly status: OutcomeStatus
  /** The hold that it opens, and when that ends; both or neither. */
  readonly hold?: string
  readonly expires?: number
}

/** Written at start for an intent that the program before left without an outcome; its worst case is settled. */
export interface InterruptedLeaf extends Step {
  readonly kind: 'outcome'
  readonly status: 'interrupted'
  readonly exchange: string
  readonly intent: number
}

/** A reviewer has decided about a hold: one denial closes it, approvals count by the levels that it asks. */
export interface HoldDecidedLeaf extends Step {
  readonly kind: 'hold-decided'
  readonly exchange: string
  readonly hold: string
  readonly verdict: 'approve' | 'deny'
  /** The reviewer's signed statement (DSSE envelope): names the key, the levels, the digest of what was shown. */
  readonly envelope: Json
  /** Hex root of the salted commitments: the reviewer stands in `caller`, the reason in the sealed content. */
  readonly commitments: string
  /** `sha256:<hex>` of the sealed record. */
  readonly record: string
}

/** Nobody decided in time, or an order or an amendment has come between. */
export interface HoldExpiredLeaf extends Step {
  readonly kind: 'hold-expired'
  readonly exchange: string
  readonly hold: string
}

/** From here on these may decide about holds, and nobody else: replaces the list before it. */
export interface ReviewersLeaf extends Step {
  readonly kind: 'reviewers'
  readonly reviewers: readonly EnrolledReviewer[]
}

/** One key of one reviewer under one agreement. Names nobody: persons and callers are keyed digests in hex. */
export interface EnrolledReviewer {
  /** Raw Ed25519 public key in base64. */
  readonly key: string
  /** The same for all keys of one natural person. */
  readonly person: string
  /** Id of the agreement. */
  readonly agreement: string
  readonly levels: readonly string[]
  /** Callers that are this person: about their calls the reviewer never counts. */
  readonly callers: readonly string[]
}

/** A party has ordered; in force from here on. */
export interface OrderLeaf extends Step {
  readonly kind: 'order'
  readonly order: 'stop' | 'resume'
  readonly id: string
  /** The activation entry of the agreement whose parties signed. */
  readonly agreement: number
  /** Ids of the stop orders that a resume lifts; empty for a stop. */
  readonly lifts: readonly string[]
  /** The signed order (DSSE envelope). */
  readonly envelope: Json
}

/** A provider's gate passes a call on to the model: written before it does. */
export interface ServedLeaf extends Step {
  readonly kind: 'served'
  /** The exchange's id at the agency's gate. */
  readonly exchange: string
  /** This log's activation entry of the agreement whose route it is. */
  readonly agreement: number
  readonly provider: string
  readonly upstream: 'live' | 'rehearsal'
  /** The agency's receipt for its intent: its signed promise that the intent stands in its own log. */
  readonly receipt: string
}

export interface ServedEndLeaf extends Step {
  readonly kind: 'served-end'
  readonly exchange: string
  /** The entry of kind `served`. */
  readonly served: number
  readonly status: ServedStatus
}

export type ServedStatus =
  /** The model's answer went out whole. */
  | 'answered'
  /** The model failed or refused. */
  | 'failed'
  /** The agency's gate went away. */
  | 'gone'
  /** An order ended it. */
  | 'stopped'
  /** The program ended without another status. */
  | 'interrupted'

/** Calls that a provider's gate refused. Strangers can make these, so they are counted, not listed. */
export interface TurnedAwayLeaf extends Step {
  readonly kind: 'turned-away'
  readonly reason: TurnedAwayReason
  readonly count: number
  /** Indexes of intents of the agency's log that were shown, where they were truly signed by it; at most 16. */
  readonly intents: readonly number[]
}

/** How long after its time an intent may be served, by the provider's gate's own clock, and how far before. */
export const intentWindowMs = 60_000

/** Why a provider's gate refuses; in this order, the first that applies. */
export const turnedAwayReasons = [
  /** No intent receipt. */
  'missing',
  /** Not a receipt that the agency's log signed for an intent. */
  'false',
  /** A receipt for other bytes or another route. */
  'altered',
  /** Too old, or from a time that has not come. */
  'expired',
  /**
   * The route is none in force here, or is judged by another text, or another provider's, or that of an excluded
   * one; the body names another model; or the term is over.
   */
  'unlisted',
  /** A stop order is in force at this gate. */
  'stopped',
  /** A call was served for this intent before. */
  'reused',
] as const
export type TurnedAwayReason = (typeof turnedAwayReasons)[number]

/** A certificate is asked for: it covers what stands before this entry. */
export interface CertificateLeaf extends Step {
  readonly kind: 'certificate'
  readonly certificate: 'exclusion'
  /** Provider code. */
  readonly supplier: string
  /** Milliseconds since the epoch; `from` is inside the period, `to` is not. */
  readonly from: number
  readonly to: number
}

/** Refusals that were answered while nothing could be written. */
export interface GapLeaf extends Step {
  readonly kind: 'gap'
  readonly refusals: number
}

export type Leaf =
  | OpenedLeaf
  | ActivationLeaf
  | IntentLeaf
  | RefusalLeaf
  | OutcomeLeaf
  | InterruptedLeaf
  | HoldDecidedLeaf
  | HoldExpiredLeaf
  | ReviewersLeaf
  | OrderLeaf
  | ServedLeaf
  | ServedEndLeaf
  | TurnedAwayLeaf
  | CertificateLeaf
  | GapLeaf

/** The exact bytes of an entry: canonical JSON. Throws `LEDGER_LEAF_TOO_LARGE` beyond 65,535 bytes. */
export function formatLeaf(leaf: Leaf): Uint8Array {
  const bytes = utf8(canonicalJson({ ...leaf } as unknown as JsonObject))
  if (bytes.length > entryBytesMax) {
    throw new LedgerError(
      'LEDGER_LEAF_TOO_LARGE',
      `an entry has ${bytes.length} bytes, the most is ${entryBytesMax}`,
    )
  }
  return bytes
}

/** Reads exact bytes: canonical, of a known kind, with its members and no others. Throws `LEDGER_LEAF`. */
export function parseLeaf(bytes: Uint8Array): Leaf {
  const value = parseObject(bytes)
  requireMembers(value, membersOf(value))
  if (!equalBytes(utf8(canonicalJson(value)), bytes)) throw malformed('its JSON is not canonical')
  // Every member of the kind has been checked above, and there are no others.
  return value as unknown as Leaf
}

/** Kinds with a member that may be any JSON, or a list of objects. */
const nested: ReadonlySet<Leaf['kind']> = new Set(['activation', 'hold-decided', 'order', 'reviewers'])

/**
 * The bytes of a leaf and the leaf that `parseLeaf` reads in them, for whoever writes an entry: what could not be
 * read is not written. Throws as both do. Where every member is a word, a number or a list of words, its members are
 * checked as they are, for the bytes can say nothing else.
 */
export function writeLeaf(leaf: Leaf): { readonly bytes: Uint8Array; readonly leaf: Leaf } {
  const bytes = formatLeaf(leaf)
  if (nested.has(leaf.kind)) return { bytes, leaf: parseLeaf(bytes) }
  const value = leaf as unknown as JsonObject
  requireMembers(value, membersOf(value))
  return { bytes, leaf }
}

type Check = (value: Json) => boolean
interface Member {
  readonly check: Check
  readonly optional?: true
}
type Members = Readonly<Record<string, Member>>

const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const isWord: Check = (value) => typeof value === 'string' && value.length > 0
const isDigest: Check = (value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)
const isHexHash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isWords: Check = (value) => Array.isArray(value) && value.every(isWord)
const isCounts: Check = (value) => Array.isArray(value) && value.every(isCount)
const isPositive: Check = (value) => isCount(value) && value !== 0
const oneOf =
  (...allowed: readonly Json[]): Check =>
  (value) =>
    allowed.includes(value)

const required = (check: Check): Member => ({ check })
const optional = (check: Check): Member => ({ check, optional: true })

const stepMembers: Members = {
  v: required(oneOf(1)),
  kind: required(isWord),
  seq: required(isCount),
  time: required(isCount),
}

const exchangeMembers: Members = {
  ...stepMembers,
  exchange: required(isWord),
  agreement: optional(isCount),
  stage: required(oneOf('request', 'tool', 'answer')),
  decision: required(oneOf('allow', 'hold', 'deny')),
  rules: required(isWords),
  provider: optional(isWord),
  upstream: optional(oneOf('live', 'rehearsal')),
  commitments: required(isHexHash),
  record: required(isDigest),
}

/** The members of each kind; an interrupted outcome has those of no other. */
const members = {
  opened: {
    ...stepMembers,
    origin: required((value) => typeof value === 'string' && isKeyName(value)),
    role: optional(oneOf('gate')),
  },
  activation: {
    ...stepMembers,
    agreement: required(isWord),
    version: required(isPositive),
    hash: required(isDigest),
    supersedes: optional(isCount),
    envelope: required(() => true),
    demo: optional(oneOf(true)),
  },
  intent: {
    ...exchangeMembers,
    decision: required(oneOf('allow')),
    text: required(isDigest),
    hold: optional(isWord),
  },
  refusal: {
    ...exchangeMembers,
    decision: required(oneOf('deny', 'hold')),
    hold: optional(isWord),
    expires: optional(isCount),
  },
  outcome: {
    ...exchangeMembers,
    intent: required(isCount),
    status: required(oneOf('completed', 'stopped', 'failed', 'client-gone')),
    hold: optional(isWord),
    expires: optional(isCount),
  },
  'hold-decided': {
    ...stepMembers,
    exchange: required(isWord),
    hold: required(isWord),
    verdict: required(oneOf('approve', 'deny')),
    envelope: required(() => true),
    commitments: required(isHexHash),
    record: required(isDigest),
  },
  'hold-expired': { ...stepMembers, exchange: required(isWord), hold: required(isWord) },
  reviewers: {
    ...stepMembers,
    reviewers: required((value) => Array.isArray(value) && value.every(isReviewer)),
  },
  order: {
    ...stepMembers,
    order: required(oneOf('stop', 'resume')),
    id: required(isWord),
    agreement: required(isCount),
    lifts: required(isWords),
    envelope: required(() => true),
  },
  served: {
    ...stepMembers,
    exchange: required(isWord),
    agreement: required(isCount),
    provider: required(isWord),
    upstream: required(oneOf('live', 'rehearsal')),
    receipt: required(isWord),
  },
  'served-end': {
    ...stepMembers,
    exchange: required(isWord),
    served: required(isCount),
    status: required(oneOf('answered', 'failed', 'gone', 'stopped', 'interrupted')),
  },
  'turned-away': {
    ...stepMembers,
    reason: required(oneOf(...turnedAwayReasons)),
    count: required(isPositive),
    intents: required((value) => isCounts(value) && (value as readonly Json[]).length <= 16),
  },
  certificate: {
    ...stepMembers,
    certificate: required(oneOf('exclusion')),
    supplier: required(isWord),
    from: required(isCount),
    to: required(isCount),
  },
  gap: { ...stepMembers, refusals: required(isCount) },
} satisfies Record<Leaf['kind'], Members>

const interruptedMembers: Members = {
  ...stepMembers,
  exchange: required(isWord),
  intent: required(isCount),
  status: required(oneOf('interrupted')),
}

function isReviewer(value: Json): boolean {
  if (!isObject(value) || Object.keys(value).length !== 5) return false
  const { key, person, agreement, levels, callers } = value
  const texts: readonly (Json | undefined)[] = [key, person, agreement]
  const lists: readonly (Json | undefined)[] = [levels, callers]
  return (
    texts.every((text) => text !== undefined && isWord(text)) &&
    lists.every((list) => list !== undefined && isWords(list))
  )
}

function parseObject(bytes: Uint8Array): JsonObject {
  let value: Json
  try {
    value = parseJson(bytes)
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause
    throw new LedgerError('LEDGER_LEAF', 'the entry is not strict JSON', { cause })
  }
  if (!isObject(value)) throw malformed('it is not an object')
  return value
}

function membersOf({ kind, status }: JsonObject): Members {
  if (kind === 'outcome' && status === 'interrupted') return interruptedMembers
  if (typeof kind === 'string' && Object.hasOwn(members, kind)) return members[kind as Leaf['kind']]
  throw malformed('its kind is unknown')
}

function requireMembers(value: JsonObject, expected: Members): void {
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(expected, key)) throw malformed('it has a member that its kind has not')
  }
  for (const [key, { check, optional: absentAllowed }] of Object.entries(expected)) {
    const member = value[key]
    if (member === undefined ? !absentAllowed : !check(member))
      throw malformed(`\`${key}\` is missing or wrong`)
  }
}

function malformed(reason: string): LedgerError {
  return new LedgerError('LEDGER_LEAF', `the entry is malformed: ${reason}`)
}
