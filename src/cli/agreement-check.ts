/**
 * Whether the parties signed what a log says is in force: from the texts of the agreements, which the log itself
 * does not hold, and the envelope in each activation entry, which nobody has believed so far.
 */
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { compileAgreement, verifyEnvelope, verifyOrder } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { digestOf } from '../base/index.ts'
import type {
  ActivationLeaf,
  CheckAgreement,
  CheckHold,
  CheckOrder,
  Leaf,
  OrderLeaf,
} from '../ledger/index.ts'
import { readAgreementText } from './agreement-file.ts'
import { requireApproved } from './approval-check.ts'
import { CliError } from './cli-error.ts'

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

export interface AgreementCheck {
  /** For the audit of the log. */
  readonly checks: {
    readonly checkAgreement: CheckAgreement
    readonly checkOrder: CheckOrder
    readonly checkHold: CheckHold
  }
  /** Told of every entry: the first names the log. */
  readonly add: (leaf: Leaf) => void
  readonly checked: readonly CheckedAgreement[]
  readonly orders: readonly CheckedOrder[]
  /** Activations whose text, or that of the version before, is not at hand. */
  readonly missing: readonly string[]
}

/** The text of an activated agreement: untrusted, for whoever keeps it may have changed it. */
export type TextOf = (activation: Pick<ActivationLeaf, 'seq' | 'hash'>) => string | undefined

/** The texts of these files, and of every `.md` file below these directories, found by their digest. */
export async function readTexts(paths: readonly string[]): Promise<TextOf> {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? globSync('**/*.md', { cwd: path }).map((file) => join(path, file))
      : [path],
  )
  const texts = await Promise.all(files.map(readAgreementText))
  const byDigest = new Map(texts.map((text) => [digestOf(text), text]))
  return ({ hash }) => byDigest.get(hash)
}

export function openAgreementCheck(textOf: TextOf): AgreementCheck {
  /** Those that are verified, by their digest. */
  const verified = new Map<string, Agreement>()
  const checked: CheckedAgreement[] = []
  const orders: CheckedOrder[] = []
  let origin = ''
  const missing: string[] = []

  /** The version that this one amends; what stands before the log's beginning is believed by its digest alone. */
  function previousOf({ schedule }: Agreement, before: ActivationLeaf | undefined): Agreement | undefined {
    if (before) return verified.get(before.hash)
    const text = schedule.previous === undefined ? undefined : textOf({ seq: -1, hash: schedule.previous })
    return text === undefined ? undefined : (compileAgreement(text).agreement ?? undefined)
  }

  const checkAgreement: CheckAgreement = (activation, before) => {
    const { seq, agreement: id, version, hash } = activation
    const text = textOf(activation)
    const agreement = text === undefined ? undefined : requireActivated(activation, text)
    const previous = agreement && previousOf(agreement, before)
    if (!agreement || (version > 1 && !previous)) {
      missing.push(`\`${id}\` version ${version} (entry ${seq}, ${hash})`)
      return false
    }
    const { demoParties, effective } = verifyEnvelope(agreement, activation.envelope, previous)
    if (effective > activation.time) throw mismatch('it was put into force before the time that was signed')
    verified.set(hash, agreement)
    checked.push({ entry: seq, agreement: id, version, hash, demoParties })
    return true
  }

  const checkOrder: CheckOrder = (leaf, { hash }) => {
    const agreement = verified.get(hash)
    if (!agreement) return false
    const { order, parties, demoParties } = verifyOrder(agreement, leaf.envelope)
    const lifts =
      order.lifts.length === leaf.lifts.length && order.lifts.every((id, i) => id === leaf.lifts[i])
    const same = order.order === leaf.order && order.id === leaf.id && lifts
    if (!same) throw mismatch('it says something else than what was signed')
    orders.push({ entry: leaf.seq, order: order.order, agreement: order.agreement, parties, demoParties })
    return true
  }

  const checkHold: CheckHold = (redemption) => {
    const agreement = verified.get(redemption.activation.hash)
    if (!agreement) return false
    requireApproved(redemption, agreement, origin)
    return true
  }
  return {
    checks: { checkAgreement, checkOrder, checkHold },
    add(leaf) {
      if (leaf.kind === 'opened') origin = leaf.origin
    },
    checked,
    orders,
    missing,
  }
}

/** Compiles the text, which must be the one that the entry names. */
function requireActivated({ agreement: id, version, hash }: ActivationLeaf, text: string): Agreement {
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

function mismatch(message: string): CliError {
  return new CliError('CLI_AGREEMENT', message)
}
