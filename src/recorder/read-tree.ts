/** Reads every entry again at start, and refuses rows that are not what was signed or not what the entries say. */
import { canonicalJson, digestOf, equalBytes } from '../base/index.ts'
import { leafHash, openFrontier, parseLeaf } from '../ledger/index.ts'
import type { ActivationLeaf, Checkpoint, Frontier } from '../ledger/index.ts'
import { RecorderError } from './recorder.ts'
import { leavesMax } from './recorder-store.ts'
import type { ActivationRow, RecorderState, RecorderStore } from './recorder-store.ts'

export interface Expected {
  readonly origin: string
  /** What was signed last, by whatever program. */
  readonly signed: Checkpoint | null
}

/**
 * The tree over all entries. Throws `RECORDER_DAMAGED` when they are fewer than were signed, when they do not give
 * the signed root, when one is missing or stands elsewhere than it says, when they are another log's, and when the
 * texts of agreements are not those whose digests were logged: an older version put back, for one.
 */
export async function readTree(
  store: Pick<RecorderStore, 'readLeaves'>,
  { size, activations }: Pick<RecorderState, 'size' | 'activations'>,
  { origin, signed }: Expected,
): Promise<Frontier> {
  if (signed && signed.size > size) {
    throw damaged(`${signed.size} entries were signed, but only ${size} are here: an old copy must not go on`)
  }
  const tree = openFrontier()
  const activated: ActivationLeaf[] = []
  while (tree.size < size) {
    const end = signed && tree.size < signed.size ? signed.size : size
    const leaves = await store.readLeaves(tree.size, end)
    if (leaves.length !== Math.min(leavesMax, end - tree.size)) {
      throw damaged(`an entry is missing between ${tree.size} and ${end}`)
    }
    for (const leaf of leaves) {
      checkLeaf(leaf, tree.size, { origin, signed, activated })
      tree.append(leafHash(leaf))
    }
    if (signed && tree.size === signed.size && !equalBytes(tree.root(), signed.root)) {
      throw damaged(`the first ${signed.size} entries do not give the root that was signed`)
    }
  }
  requireActivations(activations, activated)
  return tree
}

const activationMark = Buffer.from('"kind":"activation"')

/** Reads only what is needed: the opening entry, activations, and what no signature covers yet. */
function checkLeaf(
  bytes: Uint8Array,
  index: number,
  { origin, signed, activated }: Expected & { readonly activated: ActivationLeaf[] },
): void {
  const isUnsigned = index >= (signed?.size ?? 0)
  if (index > 0 && !isUnsigned && !viewOf(bytes).includes(activationMark)) return
  const leaf = parseStored(bytes, index)
  if (leaf.seq !== index) throw damaged(`entry ${index} says that it is entry ${leaf.seq}`)
  if (index === 0 && (leaf.kind !== 'opened' || leaf.origin !== origin)) {
    throw damaged(`the rows are not of the log \`${origin}\``)
  }
  if (leaf.kind === 'activation') activated.push(leaf)
}

function parseStored(bytes: Uint8Array, index: number) {
  try {
    return parseLeaf(bytes)
  } catch (cause) {
    throw damaged(`entry ${index} cannot be read`, cause)
  }
}

function requireActivations(rows: readonly ActivationRow[], leaves: readonly ActivationLeaf[]): void {
  const same =
    rows.length === leaves.length &&
    rows.every((row, i) => {
      const leaf = leaves[i]
      return (
        leaf?.seq === row.seq &&
        leaf.agreement === row.agreement &&
        leaf.version === row.version &&
        leaf.hash === digestOf(row.text) &&
        canonicalJson(leaf.envelope) === canonicalJson(row.envelope)
      )
    })
  if (!same) throw damaged('the agreements in the rows are not those that the entries put into force')
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function damaged(message: string, cause?: unknown): RecorderError {
  return new RecorderError('RECORDER_DAMAGED', message, { cause })
}
