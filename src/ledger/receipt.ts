/**
 * Receipts: the log's signed promise, given at once, that an entry stands at an index. Whoever holds one and does
 * not find the entry in a later checkpoint holds proof that the log broke its promise.
 */
import {
  JsonError,
  canonicalJson,
  equalBytes,
  parseBase64,
  parseJson,
  utf8,
  verifyEd25519,
} from '../base/index.ts'
import type { Json, Signer } from '../base/index.ts'
import { isKeyName } from './note.ts'
import type { Verifier } from './note.ts'
import { hashBytes } from './merkle.ts'
import { LedgerError } from './ledger-error.ts'

export interface Receipt {
  readonly origin: string
  readonly index: number
  /** The RFC 6962 leaf hash of the entry, 32 bytes. */
  readonly leafHash: Uint8Array
  /** Milliseconds since the Unix epoch: when the entry became durable. */
  readonly time: number
}

export interface SignedReceipt extends Receipt {
  readonly signature: Uint8Array
}

/** Keeps these signatures apart from those over checkpoints, made with the same key. */
const domain = 'servanda/receipt/v1\n'
const receiptCharsMax = 2_048

export async function signReceipt(receipt: Receipt, signer: Pick<Signer, 'sign'>): Promise<SignedReceipt> {
  const { origin, index, leafHash, time } = receipt
  return { origin, index, leafHash, time, signature: await signer.sign(signedBytes(receipt)) }
}

/** One line for an HTTP header: base64url(JSON) `.` base64url(signature). */
export function formatReceipt(receipt: SignedReceipt): string {
  return lineOf(receiptJson(receipt), receipt.signature)
}

/** `formatReceipt` of what `signReceipt` gives, with the JSON written once: two are issued for every exchange. */
export async function issueReceipt(receipt: Receipt, signer: Pick<Signer, 'sign'>): Promise<string> {
  const json = receiptJson(receipt)
  return lineOf(json, await signer.sign(utf8(domain + json)))
}

function lineOf(json: string, signature: Uint8Array): string {
  return `${utf8(json).toString('base64url')}.${Buffer.from(signature).toString('base64url')}`
}

/** Reads a receipt without believing it. Throws `LEDGER_RECEIPT`. */
export function parseReceipt(text: string): SignedReceipt {
  const [body = '', signature = '', ...rest] = text.slice(0, receiptCharsMax + 1).split('.')
  const [json, signed] = [parseBase64url(body), parseBase64url(signature)]
  if (text.length > receiptCharsMax || rest.length > 0 || json === null || signed?.length !== 64) {
    throw malformed('it is not two parts of base64url')
  }
  const receipt = { ...parseReceiptJson(json), signature: signed }
  if (!equalBytes(utf8(receiptJson(receipt)), json)) throw malformed('its JSON is not canonical')
  return receipt
}

function parseReceiptJson(bytes: Uint8Array): Receipt {
  const value = parseBody(bytes)
  if (typeof value === 'object' && value !== null && 'v' in value && value.v === 1) {
    const { origin, index, leafHash, time } = value
    const hash = typeof leafHash === 'string' ? parseBase64(leafHash) : null
    if (
      typeof origin === 'string' &&
      isKeyName(origin) &&
      isCount(index) &&
      isCount(time) &&
      hash?.length === hashBytes
    ) {
      return { origin, index, leafHash: hash, time }
    }
  }
  throw malformed('its members are not those of version 1')
}

function parseBody(bytes: Uint8Array): Json {
  try {
    return parseJson(bytes, { depthMax: 1 })
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause
    throw new LedgerError('LEDGER_RECEIPT', 'the receipt is not JSON', { cause })
  }
}

/** Throws `LEDGER_SIGNATURE` unless the log named by the receipt, whose key this is, signed it. */
export function verifyReceipt(receipt: SignedReceipt, verifier: Verifier): void {
  const isLogKey = verifier.type === 'ed25519' && verifier.name === receipt.origin
  if (!isLogKey || !verifyEd25519(verifier.publicKey, signedBytes(receipt), receipt.signature)) {
    throw new LedgerError('LEDGER_SIGNATURE', `the receipt is not signed by \`${verifier.name}\``)
  }
}

function signedBytes(receipt: Receipt): Uint8Array {
  return utf8(domain + receiptJson(receipt))
}

function receiptJson({ origin, index, leafHash, time }: Receipt): string {
  return canonicalJson({ v: 1, origin, index, leafHash: Buffer.from(leafHash).toString('base64'), time })
}

function isCount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function parseBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length > 0 && bytes.toString('base64url') === text ? bytes : null
}

function malformed(reason: string): LedgerError {
  return new LedgerError('LEDGER_RECEIPT', `the receipt is malformed: ${reason}`)
}
