/**
 * What a hold is about: everything that people are shown and sign, and that must be the same again when the call is
 * repeated. Its digest stands in the approval; the subject itself is sealed in the record of the entry that opened
 * the hold.
 */
import { randomBytes } from 'node:crypto'
import { canonicalJson, digestOf } from '../base/index.ts'
import type { Json } from '../base/index.ts'

/** The call itself, known anew at each repeat. */
export interface CallSubject {
  readonly caller: string
  readonly unit: string
  readonly chain: readonly string[]
  readonly purpose: string
  readonly surface: string
  readonly consumer: string
  readonly provenance: readonly string[]
  readonly route: string
  readonly model: string
  readonly agreement: {
    readonly id: string
    readonly version: number
    /** Digest of its text. */
    readonly hash: string
    /** Its activation entry. */
    readonly entry: number
  }
  /** The judged request: messages, tools and every parameter. */
  readonly request: Json
  /** Digest of the exact bytes that would leave. */
  readonly sent: string
}

export interface HoldSubject extends CallSubject {
  readonly v: 1
  readonly origin: string
  readonly hold: string
  readonly exchange: string
  readonly stage: 'request' | 'tool' | 'answer'
  /** The finished answer with its tool calls and their arguments; null where no model was called yet. */
  readonly answer: Json
  readonly findings: Json
  /** The rules that hold it, and the levels that they ask. */
  readonly rules: readonly string[]
  readonly asks: readonly string[]
  /** Milliseconds since the epoch. */
  readonly expires: number
  /** Random, so that nobody who reads the ledger can guess the content from its digest. */
  readonly nonce: string
}

export function newSubject(parts: Omit<HoldSubject, 'v' | 'nonce'>): HoldSubject {
  return { v: 1, ...parts, nonce: randomBytes(32).toString('base64') }
}

/** `sha256:<hex>` of its canonical JSON. */
export function subjectDigest(subject: HoldSubject): string {
  return digestOf(canonicalJson(subject as unknown as Json))
}

/** What was shown, with the call as it is now in the place of the call as it was then. */
export function rebindSubject(shown: HoldSubject, call: CallSubject): HoldSubject {
  const { caller, unit, chain, purpose, surface, consumer, provenance } = call
  const { route, model, agreement, request, sent } = call
  const who = { caller, unit, chain, purpose, surface, consumer, provenance }
  return { ...shown, ...who, route, model, agreement, request, sent }
}
