/** An order as a file that parties hand on to each other: the envelope, and the reason whose digest is signed. */
import { writeFileSync } from 'node:fs'
import { parseOrder, reasonDigest } from '../agreement/index.ts'
import type { Order } from '../agreement/index.ts'
import { isObject, parseEnvelope, parseJson } from '../base/index.ts'
import type { Envelope, Json } from '../base/index.ts'
import { readBounded } from './bounded-file.ts'
import { CliError } from './cli-error.ts'

export interface OrderFile {
  readonly order: Order
  readonly envelope: Envelope
  readonly reason: string
  readonly salt: string
}

/** Reads it without believing a signature. Throws `CLI_ORDER`, `ENVELOPE_MALFORMED` and `ORDER_FALSE`. */
export function readOrder(path: string, kind: Order['order']): OrderFile {
  // untrusted: another party sent it.
  const value = parseJson(readBounded(path))
  if (!isObject(value)) throw wrong(path, 'it is not an object')
  const { envelope, reason, salt } = value
  if (typeof reason !== 'string' || typeof salt !== 'string') throw wrong(path, 'it has no reason')
  const { payloadType, payload, signatures } = parseEnvelope(envelope)
  const order = parseOrder(payload)
  if (order.order !== kind) throw wrong(path, `it is a ${order.order}, not a ${kind}`)
  if (reasonDigest(salt, reason) !== order.reason)
    throw wrong(path, 'its reason is not the one that was signed')
  return {
    order,
    envelope: { payloadType, payload: Buffer.from(payload).toString('base64'), signatures },
    reason,
    salt,
  }
}

export function writeOrder(path: string, file: OrderFile): void {
  writeFileSync(path, `${JSON.stringify(bodyOf(file), null, 2)}\n`)
}

/** As a gate takes it. */
export function bodyOf({ envelope, reason, salt }: OrderFile): Json {
  return { envelope: envelope as unknown as Json, reason, salt }
}

function wrong(path: string, message: string): CliError {
  return new CliError('CLI_ORDER', `\`${path}\` holds no order that can be used here: ${message}`)
}
