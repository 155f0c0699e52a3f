/**
 * The intent receipt: with it an agency's gate shows a provider's gate that an intent for exactly these bytes and this
 * route stands in the agency's log, and nothing else of the exchange. It travels in the header `servanda-intent`, one
 * line of four parts joined by dots, each base64url without padding:
 *
 *   receipt JSON . receipt signature . leaf . disclosures
 *
 * The first two are the receipt of the intent entry, as in the header `servanda-receipt`: canonical JSON and the
 * log's Ed25519 signature over `servanda/receipt/v1\n` and that JSON. The third is the intent entry itself, byte for
 * byte as it stands in the log; its RFC 6962 leaf hash, index and time are those of the receipt. The fourth is canonical
 * JSON: a list of two disclosures, of `request` and of `route` in this order, each
 * `{"field":…,"path":[…],"salt":…,"value":…}` with salt and path in base64. `request` is `sha256:` and the hex digest
 * of the body that the header comes with; `route` is the id of a route of the schedule.
 */
import {
  JsonError,
  ServandaError,
  canonicalJson,
  digestOf,
  equalBytes,
  isObject,
  parseJson,
  utf8,
} from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { LedgerError, formatLeaf, leafHash, parseLeaf, parseReceipt, verifyReceipt } from '../ledger/index.ts'
import type { IntentLeaf, SignedReceipt, Verifier } from '../ledger/index.ts'
import { disclose, formatDisclosure, isDisclosed, parseDisclosure } from './disclosure.ts'
import type { Disclosable, DisclosedText, Disclosure } from './disclosure.ts'

export type IntentReceiptErrorCode =
  /** Not a receipt that this log signed for an intent of a call to a model. */
  | 'INTENT_FALSE'
  /** The intent is for other bytes or another route. */
  | 'INTENT_ALTERED'

export class IntentReceiptError extends ServandaError<IntentReceiptErrorCode> {
  override readonly name = 'IntentReceiptError'
  /** Index of the intent in the agency's log, where its receipt is true. */
  readonly intent: number | null

  constructor(code: IntentReceiptErrorCode, message: string, intent: number | null, options?: ErrorOptions) {
    super(code, message, options)
    this.intent = intent
  }
}

/** An intent that stands in the agency's log, as its log key says. */
export interface VerifiedIntent {
  /** Index in the agency's log. */
  readonly index: number
  /** Milliseconds since the epoch, by the agency's log. */
  readonly time: number
  readonly exchange: string
  /** Activation entry in the agency's log. */
  readonly agreement: number | null
  /** `sha256:<hex>` of the agreement that was applied: what the two gates can compare. */
  readonly text: string
  readonly provider: string | null
  readonly route: string
  /** Digest of the bytes that may be served. */
  readonly request: string
  readonly leafHash: Uint8Array
  /** The agency's receipt, as it stands in `servanda-receipt`. */
  readonly receipt: string
}

/** Longer headers are none; what a gate writes has about 2,000 characters. */
export const intentReceiptCharsMax = 12_288
const disclosed = ['request', 'route'] as const

/** An intent as the agency's gate asked for it, and what the recorder answered. */
export interface RecordedIntent extends Disclosable {
  readonly leaf: Omit<IntentLeaf, 'v' | 'seq' | 'time'>
  readonly receipt: string
}

/** The header's value. Index and time, which the recorder gave the entry, are those of its receipt. */
export function formatIntentReceipt({ leaf, receipt, ...record }: RecordedIntent): string {
  const { index, time } = parseReceipt(receipt)
  const entry = formatLeaf({ ...leaf, v: 1, seq: index, time })
  const shown = disclose(record, disclosed).map(formatDisclosure)
  return [receipt, base64url(entry), base64url(disclosuresJson(shown))].join('.')
}

/** Verifies all that the receipt says of itself and that it is about exactly `body`. */
export function verifyIntentReceipt(text: string, log: Verifier, body: Uint8Array): VerifiedIntent {
  const intent = openIntentReceipt(text, log)
  requireBody(intent, body)
  return intent
}

/**
 * Verifies all that the receipt says of itself, before the body is there: signed by this log, for an
 * intent of a call to a model, with the fields that are shown. Throws `INTENT_FALSE` or `INTENT_ALTERED`.
 */
export function openIntentReceipt(text: string, log: Verifier): VerifiedIntent {
  const { receipt, receiptText, entry, shown } = parseParts(text)
  const leaf = requireIntent(receipt, entry, log)
  const [request, route] = shown
  const { index, time, leafHash: hash } = receipt
  if (!isDisclosed(request, leaf.commitments) || !isDisclosed(route, leaf.commitments)) {
    throw new IntentReceiptError('INTENT_ALTERED', 'what is shown is not what the intent holds', index)
  }
  return {
    index,
    time,
    exchange: leaf.exchange,
    agreement: leaf.agreement ?? null,
    text: leaf.text,
    provider: leaf.provider ?? null,
    route: route.value,
    request: request.value,
    leafHash: hash,
    receipt: receiptText,
  }
}

/** Throws `INTENT_ALTERED` unless the intent is for exactly these bytes. */
export function requireBody({ request, index }: VerifiedIntent, body: Uint8Array): void {
  if (digestOf(body) === request) return
  throw new IntentReceiptError('INTENT_ALTERED', 'the intent is for other bytes', index)
}

interface Parts {
  readonly receipt: SignedReceipt
  readonly receiptText: string
  readonly entry: Uint8Array
  readonly shown: readonly [Disclosure, Disclosure]
}

/** Reads without believing. */
function parseParts(text: string): Parts {
  // untrusted: whoever reaches the gate wrote it.
  if (text.length > intentReceiptCharsMax) throw malformed('it is too long')
  const parts = text.split('.')
  const [json = '', signature = '', third = '', fourth = ''] = parts
  const [entry, shown] = [parseBase64url(third), parseBase64url(fourth)]
  if (parts.length !== 4 || !entry || !shown) throw malformed('it is not four parts of base64url')
  const receiptText = `${json}.${signature}`
  return {
    receipt: reading(() => parseReceipt(receiptText)),
    receiptText,
    entry,
    shown: parseDisclosures(shown),
  }
}

/** The receipt is the log's, and it is for this entry, which is an intent that sends a request to a model. */
function requireIntent(receipt: SignedReceipt, entry: Uint8Array, log: Verifier): IntentLeaf {
  reading(() => verifyReceipt(receipt, log))
  if (!equalBytes(leafHash(entry), receipt.leafHash)) throw malformed('its entry is not the one promised')
  const leaf = reading(() => parseLeaf(entry))
  if (leaf.kind !== 'intent' || leaf.stage !== 'request') throw malformed('its entry lets no request out')
  if (leaf.seq !== receipt.index || leaf.time !== receipt.time) throw malformed('its entry stands elsewhere')
  return leaf
}

function parseDisclosures(bytes: Uint8Array): readonly [Disclosure, Disclosure] {
  const value = reading(() => parseJson(bytes, { depthMax: 3 }))
  const texts = Array.isArray(value) ? value.filter(isDisclosedText) : []
  if (texts.length !== disclosed.length || !equalBytes(disclosuresJson(texts), bytes)) {
    throw malformed('its disclosures are not two of their form')
  }
  const [request, route] = texts.map(parseDisclosure)
  if (request?.field !== 'request' || route?.field !== 'route') throw malformed('it shows other fields')
  return [request, route]
}

function isDisclosedText(value: Json): value is Json & DisclosedText {
  if (!isObject(value) || Object.keys(value).length !== 4) return false
  const { field, value: shown, salt, path } = value
  return (
    [field, shown, salt].every((text) => typeof text === 'string') &&
    Array.isArray(path) &&
    path.every((hash) => typeof hash === 'string')
  )
}

function disclosuresJson(shown: readonly DisclosedText[]): Buffer {
  return utf8(canonicalJson(shown.map((one) => ({ ...one }))))
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof LedgerError) && !(cause instanceof JsonError)) throw cause
    throw malformed(cause.message, cause)
  }
}

function parseBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length > 0 && bytes.toString('base64url') === text ? bytes : null
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

function malformed(reason: string, cause?: unknown): IntentReceiptError {
  return new IntentReceiptError('INTENT_FALSE', `this is no intent receipt: ${reason}`, null, { cause })
}
