/** Intents as an agency's gate would send them along, for tests. */
import { digestOf, utf8 } from '../base/index.ts'
import { formatLeaf, formatReceipt, leafHash, parseVkey, signReceipt } from '../ledger/index.ts'
import type { IntentLeaf } from '../ledger/index.ts'
import { sampleOrigin, sampleSigner, sampleVkey } from '../ledger/sample-log.ts'
import { commit, committedFields } from './commitments.ts'
import type { FieldValues } from './commitments.ts'
import { formatIntentReceipt } from './intent-receipt.ts'

export const sampleLog = parseVkey(sampleVkey)
export const sampleTime = Date.UTC(2026, 5, 1, 12)
export const sampleBody = utf8('{"model":"large","messages":[{"role":"user","content":"Good morning."}]}')

/** What stands in for the agreement that was applied. */
export const sampleText = digestOf('an agreement')

export interface SampleIntent {
  readonly index?: number
  readonly time?: number
  readonly route?: string
  readonly body?: Uint8Array
  readonly exchange?: string
  /** Replaces members of the leaf before the log promises it. */
  readonly leaf?: Partial<IntentLeaf>
  readonly origin?: string
  readonly signer?: typeof sampleSigner
}

export function sampleFields(values: Partial<FieldValues>): FieldValues {
  const empty = Object.fromEntries(committedFields.map((name) => [name, `value of ${name}`]))
  return { ...(empty as Record<(typeof committedFields)[number], string>), ...values }
}

export interface SignedIntent {
  readonly header: string
  /** The parts of the header. */
  readonly parts: readonly [string, string, string, string]
  readonly entry: Uint8Array
}

export async function sampleIntent(intent: SampleIntent = {}): Promise<SignedIntent> {
  const { index = 7, time = sampleTime, route = 'general', body = sampleBody } = intent
  const fields = sampleFields({ route, request: digestOf(body) })
  const { salts, hashes, root } = commit(fields)
  const leaf = {
    kind: 'intent',
    exchange: intent.exchange ?? `ex_${index}`,
    agreement: 1,
    stage: 'request',
    decision: 'allow',
    text: sampleText,
    rules: ['3#1'],
    provider: 'meridian',
    upstream: 'live',
    commitments: root,
    record: digestOf('a sealed record'),
    ...intent.leaf,
  } as const
  const entry = formatLeaf({ v: 1, seq: index, time, ...leaf })
  const promised = { origin: intent.origin ?? sampleOrigin, index, leafHash: leafHash(entry), time }
  const receipt = formatReceipt(await signReceipt(promised, intent.signer ?? sampleSigner))
  const header = formatIntentReceipt({ leaf, receipt, fields, salts, hashes })
  return { header, parts: header.split('.') as unknown as SignedIntent['parts'], entry }
}
