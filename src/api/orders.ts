/** Orders of the parties: verified against what is in force, then written; from that entry on they act. */
import { keysOf, parseOrder, reasonDigest, verifyOrder } from '../agreement/index.ts'
import type { Order } from '../agreement/index.ts'
import type { AgreementInForce } from '../standing/index.ts'
import type { ControlDeps } from './control-deps.ts'
import { ControlError } from './control-error.ts'
import { requireInForce } from './current-standing.ts'
import type { CurrentStanding } from './current-standing.ts'
import { countingEnvelope, misshapen, readSigned } from './read-body.ts'

export interface OrderCarriedOut {
  readonly order: Order
  /** Parties of which a key signed, and those of them whose key anyone can derive. */
  readonly parties: readonly string[]
  readonly demoParties: readonly string[]
  readonly seq: number
  readonly receipt: string
  /** Stop orders that stand now. */
  readonly stops: readonly string[]
}

/**
 * Everything is checked before anything is written; the recorder sees to it that an order is carried out once. The
 * reason is compared with its digest in the order and kept nowhere: the parties tell it to each other.
 */
export async function carryOut(
  body: unknown,
  standing: CurrentStanding,
  { recorder }: Pick<ControlDeps, 'recorder'>,
): Promise<OrderCarriedOut> {
  const { envelope, parsed, reason, salt } = readSigned(body)
  const asked = parseOrder(parsed.payload)
  const inForce = requireInForce(await standing.read(), asked.agreement)
  const { order, parties, demoParties } = verifyOrder(inForce.agreement, envelope)
  if (reasonDigest(salt, reason) !== order.reason) {
    throw misshapen('the reason is not the one whose digest was signed')
  }
  requireOpenStops(order, inForce)
  const { seq, receipt } = await recorder.note({
    kind: 'order',
    order: order.order,
    id: order.id,
    agreement: inForce.entry,
    lifts: order.lifts,
    envelope: countingEnvelope(parsed, keysOf(inForce.signed)),
  })
  return { order, parties, demoParties, seq, receipt, stops: stopsAfter(order, inForce) }
}

function stopsAfter({ order, id, lifts }: Order, { stops }: AgreementInForce): string[] {
  return order === 'stop' ? [...stops, id] : stops.filter((open) => !lifts.includes(open))
}

function requireOpenStops({ lifts }: Order, { stops }: AgreementInForce): void {
  const unknown = lifts.find((id) => !stops.includes(id))
  if (unknown === undefined) return
  throw new ControlError('CONTROL_NOT_FOUND', `no stop order \`${unknown}\` stands`)
}
