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

/** What stands at once under one agreement: each is read again with every change of what is in force. */
const openMax = 100

/**
 * Everything is checked before anything is written, and Cedar decides by the stricter reading as the compiled rules
 * do. The reason is compared with its digest and kept nowhere: the parties tell it to each other. INVARIANT: called for
 * one dispute at a time, so that what is checked together acts together; of a version that came into force meanwhile
 * the recorder knows.
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
  await activation.examineReadings(inForce.signed, allWith(dispute, inForce))
  const { seq, receipt } = await recorder.note({
    kind: 'dispute',
    id: dispute.id,
    agreement: inForce.entry,
    clause: dispute.clause,
    envelope: countingEnvelope(parsed, keysOf(inForce.signed)),
  })
  return { dispute, parties, demoParties, seq, receipt, clauses: clausesAfter(inForce, dispute) }
}

function allWith(dispute: Dispute, { disputes }: AgreementInForce): readonly Dispute[] {
  if (disputes.length < openMax) return [...disputes.map((open) => open.dispute), dispute]
  const message = `${openMax} disputes stand; an amendment must settle some first`
  throw new ControlError('CONTROL_REQUEST', message)
}

function clausesAfter({ disputes }: AgreementInForce, { clause }: Dispute): string[] {
  return [...new Set([...disputes.map(({ dispute }) => dispute.clause), clause])]
}
