/** The logs of two gates that tell of the same calls, for tests: what each would leave, as entries and as files. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { demoKey, digestOf, signerFromKey } from '../base/index.ts'
import type { Signer } from '../base/index.ts'
import {
  formatLeaf,
  formatReceipt,
  formatVkey,
  leafHash,
  parseVkey,
  publishCheckpoint,
  signCheckpoint,
  signReceipt,
  writeTiles,
} from '../ledger/index.ts'
import type { IntentLeaf, Leaf, OutcomeLeaf, OutcomeStatus, ServedStatus, Verifier } from '../ledger/index.ts'

export interface SampleKey {
  readonly origin: string
  readonly signer: Signer
  readonly vkey: string
  readonly verifier: Verifier
}

function keyOf(origin: string): SampleKey {
  const signer = signerFromKey(demoKey(origin))
  const vkey = formatVkey(origin, signer.publicKey)
  return { origin, signer, vkey, verifier: parseVkey(vkey) }
}

export const agencyKey = keyOf('agency.example/ledger')
export const gateKey = keyOf('provider.example/ledger')

const started = Date.UTC(2026, 0, 5, 8)

/** So many minutes after the logs begin. */
export function minute(count: number): number {
  return started + count * 60_000
}

/** A leaf without what its place gives it. */
type Unplaced = Leaf extends infer L ? (L extends Leaf ? Omit<L, 'v' | 'seq' | 'time'> : never) : never

export interface SampleLog {
  readonly leaves: Leaf[]
  /** Appends an entry of that minute and answers its index. */
  add(atMinute: number, leaf: Unplaced): number
  entries(): Uint8Array[]
}

export function openSampleLog(leaves: Leaf[] = []): SampleLog {
  return {
    leaves,
    add(atMinute, leaf) {
      const seq = leaves.length
      leaves.push({ v: 1, seq, time: minute(atMinute), ...leaf })
      return seq
    },
    entries: () => leaves.map(formatLeaf),
  }
}

const textHash = digestOf('the agreement')

export function activation(hash = textHash): Unplaced {
  const envelope = { payloadType: 'application/vnd.servanda.agreement+json', payload: 'e30=', signatures: [] }
  return { kind: 'activation', agreement: 'department', version: 1, hash, envelope }
}

/** A step of an exchange of the agency's gate, under the agreement of entry 1. */
function step(exchange: string, provider: string | undefined, stage: 'request' | 'answer') {
  return {
    exchange,
    agreement: 1,
    stage,
    rules: ['4.2#1'],
    ...(provider === undefined ? {} : { provider, upstream: 'live' as const }),
    commitments: digestOf(`commitments of ${exchange}`).slice('sha256:'.length),
    record: digestOf(`record of ${exchange}`),
  }
}

export function intent(exchange: string, provider?: string, change: Partial<IntentLeaf> = {}): Unplaced {
  const text = textHash
  return { kind: 'intent', decision: 'allow', text, ...step(exchange, provider, 'request'), ...change }
}

export function outcome(
  exchange: string,
  of: number,
  status: OutcomeStatus = 'completed',
  change: Partial<OutcomeLeaf> = {},
): Unplaced {
  const answer = step(exchange, 'cumulus', 'answer')
  return { kind: 'outcome', decision: 'allow', intent: of, status, ...answer, ...change }
}

export function refusal(exchange: string, provider: string): Unplaced {
  return { kind: 'refusal', decision: 'deny', ...step(exchange, provider, 'request') }
}

export function certificateEntry(supplier: string, from: number, to: number): Unplaced {
  return { kind: 'certificate', certificate: 'exclusion', supplier, from: minute(from), to: minute(to) }
}

/** What the gate writes when it passes on the call of the agency's intent at `entry`. */
export async function served(agency: SampleLog, entry: number): Promise<Unplaced> {
  const leaf = agency.leaves[entry]
  if (leaf?.kind !== 'intent') throw new Error('only an intent is served')
  const { origin, signer } = agencyKey
  const promise = { origin, index: entry, leafHash: leafHash(formatLeaf(leaf)), time: leaf.time }
  return {
    kind: 'served',
    exchange: leaf.exchange,
    agreement: 1,
    provider: leaf.provider ?? 'cumulus',
    upstream: 'live',
    receipt: formatReceipt(await signReceipt(promise, signer)),
  }
}

export interface SampleCall {
  readonly at: number
  readonly outcome: OutcomeStatus | 'interrupted' | null
  readonly served: ServedStatus | null | false
}

/** Both logs over these calls to `cumulus`: `served: false` where the call did not reach the gate. */
export async function sampleLogs(
  calls: readonly SampleCall[],
): Promise<{ agency: SampleLog; gate: SampleLog }> {
  const [agency, gate] = [openSampleLog(), openSampleLog()]
  agency.add(0, { kind: 'opened', origin: agencyKey.origin })
  gate.add(0, { kind: 'opened', origin: gateKey.origin, role: 'gate' })
  agency.add(0, activation())
  gate.add(0, activation())
  for (const [i, call] of calls.entries()) {
    const exchange = `ex_${i}`
    const of = agency.add(call.at, intent(exchange, 'cumulus'))
    if (call.served !== false) {
      const index = gate.add(call.at, await served(agency, of))
      if (call.served) gate.add(call.at, { kind: 'served-end', exchange, served: index, status: call.served })
    }
    if (call.outcome === 'interrupted') {
      agency.add(call.at, { kind: 'outcome', exchange, intent: of, status: 'interrupted' })
    } else if (call.outcome) agency.add(call.at, outcome(exchange, of, call.outcome))
  }
  return { agency, gate }
}

/** Writes an evidence directory of this log, with its key beside it. */
export async function writeEvidence(
  directory: string,
  key: SampleKey,
  entries: readonly Uint8Array[],
): Promise<void> {
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'log.vkey'), `${key.vkey}\n`)
  const root = await writeTiles(directory, 0, entries.length, (start, end) => entries.slice(start, end))
  const head = { origin: key.origin, size: entries.length, root }
  await publishCheckpoint(directory, await signCheckpoint(head, key.signer))
}
