/** A log as a gateway would leave it, for tests: every kind of entry, several agreements, real files. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { demoKey, digestOf, signerFromKey } from '../base/index.ts'
import type { Signer } from '../base/index.ts'
import { signCheckpoint } from './checkpoint.ts'
import { formatLeaf } from './leaf-bytes.ts'
import type { Leaf } from './leaf.ts'
import { formatVkey } from './note.ts'
import { publishCheckpoint, writeTiles } from './tile-writer.ts'

export const sampleOrigin = 'gateway.example/ledger'
export const sampleSigner: Signer = signerFromKey(demoKey('sample log'))
export const sampleVkey = formatVkey(sampleOrigin, sampleSigner.publicKey)

const timeOf = (seq: number): number => Date.UTC(2026, 0, 5, 8) + seq * 300

/** A leaf without what its place gives it. */
type Unplaced = Leaf extends infer L ? (L extends Leaf ? Omit<L, 'v' | 'seq' | 'time'> : never) : never

/** One round of the sample: what stands at `seq`, given the activation entry in force. */
const rounds: readonly ((seq: number, agreement: number) => Unplaced)[] = [
  (seq, agreement) => ({ kind: 'intent', decision: 'allow', ...applied(seq, agreement) }),
  (seq, agreement) => ({
    kind: 'outcome',
    decision: 'allow',
    intent: seq - 1,
    status: 'completed',
    ...judged(seq, agreement, 'answer'),
    exchange: `ex_${seq - 1}`,
  }),
  (seq, agreement) => ({ kind: 'refusal', decision: 'deny', ...judged(seq, agreement, 'request') }),
  (seq, agreement) => ({
    kind: 'refusal',
    decision: 'hold',
    hold: `hold_${seq}`,
    expires: timeOf(seq + 1),
    ...judged(seq, agreement, 'tool'),
  }),
  (seq) => ({ kind: 'hold-expired', exchange: `ex_${seq - 1}`, hold: `hold_${seq - 1}` }),
  (seq, agreement) => ({ kind: 'intent', decision: 'allow', ...applied(seq, agreement) }),
  (seq) => ({ kind: 'outcome', status: 'interrupted', exchange: `ex_${seq - 1}`, intent: seq - 1 }),
  () => ({ kind: 'gap', refusals: 3 }),
]

/** Index of the second version's activation, in between rounds: 2 + 8 × 4. */
const amended = 34

function judged(seq: number, agreement: number, stage: 'request' | 'tool' | 'answer') {
  return {
    exchange: `ex_${seq}`,
    agreement,
    stage,
    rules: ['4.2#1'],
    provider: 'cumulus',
    upstream: 'rehearsal' as const,
    commitments: digestOf(`commitments ${seq}`).slice('sha256:'.length),
    record: digestOf(sampleRecord(seq)),
  }
}

function applied(seq: number, agreement: number) {
  return { ...judged(seq, agreement, 'request'), text: digestOf(`agreement ${agreement < amended ? 1 : 2}`) }
}

/** What stands in for the sealed record of entry `seq`. */
export function sampleRecord(seq: number): Uint8Array {
  return Buffer.from(`sealed record ${seq}`)
}

export function sampleLeaf(seq: number): Leaf {
  const place = { v: 1, seq, time: timeOf(seq) } as const
  if (seq === 0) return { ...place, kind: 'opened', origin: sampleOrigin }
  if (seq === 1 || seq === amended) return { ...place, ...activation(seq === 1 ? 1 : 2) }
  const round = rounds[(seq - (seq < amended ? 2 : amended + 1)) % rounds.length]
  if (!round) throw new Error('a remainder is always one of the rounds')
  return { ...place, ...round(seq, seq < amended ? 1 : amended) }
}

function activation(version: 1 | 2) {
  return {
    kind: 'activation' as const,
    agreement: 'department',
    version,
    hash: digestOf(`agreement ${version}`),
    envelope: { payloadType: 'application/vnd.servanda.statement+json', payload: 'e30=', signatures: [] },
    demo: true as const,
    ...(version === 2 ? { supersedes: 1 } : {}),
  }
}

export function sampleEntries(size: number): Uint8Array[] {
  return Array.from({ length: size }, (_, seq) => formatLeaf(sampleLeaf(seq)))
}

/** Entries that say nothing but their index: for trees, where only bytes count. */
export function plainEntries(size: number): Uint8Array[] {
  return Array.from({ length: size }, (_, index) => Buffer.from(`entry ${index}`))
}

/**
 * Writes a log that was published at each of these sizes, in order, and returns its checkpoints. `log.vkey` stands
 * beside, as in a real evidence directory.
 */
export async function writeSampleLog(
  directory: string,
  sizes: readonly number[],
  entries: readonly Uint8Array[],
): Promise<string[]> {
  await writeFile(join(directory, 'log.vkey'), `${sampleVkey}\n`)
  const notes: string[] = []
  let from = 0
  for (const size of sizes) {
    const root = await writeTiles(directory, from, size, (start, end) => entries.slice(start, end))
    const note = await signCheckpoint({ origin: sampleOrigin, size, root }, sampleSigner)
    await publishCheckpoint(directory, note)
    notes.push(note)
    from = size
  }
  return notes
}
