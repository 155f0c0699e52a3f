/** Disputes of the parties: verified against what is in force, then written; from that entry on the stricter reading acts. */
import { keysOf, parseDispute, reasonDigest, verifyDispute } from '../agreement/index.ts'
import type { Dispute } from '../agreement/index.ts'
import type { AgreementInForce } from '../standing/index.ts'
import type { ControlDeps } from './control-deps.ts'
import { ControlError } from './control-error.ts'
import { requireInForce } from './current-standing.ts'
import type { CurrentStanding } from './current-standing.ts'
import { countingEnvelope, misshapen, readSigned } from './read-body.ts'

export interface DisputeOpened {
  readonly dispute: Dispute
  /** Parties of which a key signed, and those of them whose key anyone can derive. */
  readonly parties: readonly string[]
  readonly demoParties: readonly string[]
  readonly seq: number
  readonly receipt: string
  /** Clauses of the agreement that are in dispute now. */
  readonly clauses: readonly string[]
}

/** What one party may have standing at once under one agreement. */
const openMax = 100

/**
 * Everything is checked before anything is written, and Cedar decides by the stricter reading as the compiled rules
 * do. The reason is compared with its digest and kept nowhere: the parties tell it to each other. INVARIANT: called for
 * one dispute at a time; of a version that came into force meanwhile the recorder knows. Throws `CONTROL_REQUEST`,
 * `CONTROL_NOT_FOUND`, and what `verifyDispute`, the examination and the recorder throw: then nothing is written.
 */
export async function openDispute(
  body: unknown,
  standing: CurrentStanding,
  { recorder, activation }: Pick<ControlDeps, 'recorder' | 'activation'>,
): Promise<DisputeOpened> {
  const { envelope, parsed, reason, salt } = readSigned(body)
  const asked = parseDispute(parsed.payload)
  const inForce = requireInForce(await standing.read(), asked.agreement)
  const { dispute, parties, demoParties } = verifyDispute(inForce.signed, envelope)
  if (reasonDigest(salt, reason) !== dispute.reason) {
    throw misshapen('the reason is not the one whose digest was signed')
  }
  requireRoom(parties, inForce)
  // Those that stand were examined when they were opened, and forbids only add up.
  await activation.examineReading(inForce.signed, dispute)
  const { seq, receipt } = await recorder.note({
    kind: 'dispute',
    id: dispute.id,
    agreement: inForce.entry,
    clause: dispute.clause,
    envelope: countingEnvelope(parsed, keysOf(inForce.signed)),
  })
  return { dispute, parties, demoParties, seq, receipt, clauses: clausesAfter(inForce, dispute) }
}

/** Each party has room of its own, so that none keeps another from opening a dispute. */
function requireRoom(parties: readonly string[], { signed, disputes }: AgreementInForce): void {
  const by = disputes.flatMap((open) => open.parties)
  const full = parties.find((party) => by.filter((each) => each === party).length >= openMax)
  if (full === undefined) return
  const message = `${openMax} disputes of \`${full}\` about \`${signed.schedule.id}\` stand; an amendment must settle some first`
  throw new ControlError('CONTROL_REQUEST', message)
}

function clausesAfter({ disputes }: AgreementInForce, { clause }: Dispute): string[] {
  return [...new Set([...disputes.map(({ dispute }) => dispute.clause), clause])]
}
