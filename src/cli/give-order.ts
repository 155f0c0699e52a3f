/** What `stop` and `resume` do alike: an order is written or read, signed, and handed on or carried out. */
import { randomBytes } from 'node:crypto'
import { demoKeyName, joinEnvelopes, reasonDigest, signOrder } from '../agreement/index.ts'
import type { Order } from '../agreement/index.ts'
import type { OrderCarriedOut } from '../api/index.ts'
import { newId, systemClock } from '../base/index.ts'
import { readAgreement } from './agreement-file.ts'
import { CliError } from './cli-error.ts'
import type { Output } from './command.ts'
import { parseOrderCarriedOut, parseStanding } from './control-answers.ts'
import { askControl, socketOf } from './control-client.ts'
import { bodyOf, readOrder, writeOrder } from './order-file.ts'
import type { OrderFile } from './order-file.ts'
import { printableBlock, printableLine } from './printable.ts'
import { areSignersNamed, readSigners, signerOptions } from './signing-keys.ts'
import type { SignerOptions } from './signing-keys.ts'

export interface GivenOrder extends SignerOptions {
  readonly agreement: string | undefined
  readonly text: string | undefined
  readonly order: string | undefined
  readonly reason: string | undefined
  readonly out: string | undefined
  readonly socket: string | undefined
}

export const orderOptions = {
  agreement: 'optional',
  order: 'optional',
  ...signerOptions,
  reason: 'optional',
  out: 'optional',
  socket: 'optional',
} as const

/** Exit code 0 when the order is carried out, or written to the file that was named. */
export async function giveOrder(kind: Order['order'], given: GivenOrder, output: Output): Promise<number> {
  const unsigned = given.order === undefined ? await newOrder(kind, given) : readOrder(given.order, kind)
  const file = await sign(unsigned, given, output)
  if (given.out !== undefined) {
    writeOrder(given.out, file)
    output.answer(
      { order: file.order, signatures: file.envelope.signatures.length, out: given.out },
      writtenText(file, given.out),
    )
    return 0
  }
  const body = bodyOf(file)
  const socket = socketOf(given.socket)
  const done = parseOrderCarriedOut(await askControl(socket, { method: 'POST', path: '/v1/orders', body }))
  output.answer(done, doneText(done))
  return 0
}

/** Who signs, of which agreement, and why is known before anything is asked of a gate. */
async function newOrder(kind: Order['order'], given: GivenOrder): Promise<OrderFile> {
  const { agreement, text, reason } = given
  if ((agreement === undefined) === (text === undefined)) {
    const all =
      kind === 'stop' ? '--agreement ID, --text FILE or --order FILE' : '--agreement ID or --order FILE'
    throw new CliError('CLI_USAGE', `one of ${all} is needed`)
  }
  if (reason === undefined) throw new CliError('CLI_USAGE', '--reason is missing')
  if (!areSignersNamed(given)) throw new CliError('CLI_USAGE', '--key FILE is missing')
  const about = text === undefined ? await askAbout(agreement ?? '', given) : readAbout(text)
  const lifts = kind === 'stop' ? [] : [...about.stops].sort()
  if (kind === 'resume' && lifts.length === 0) {
    throw new CliError(
      'CLI_ORDER',
      `no stop order stands over \`${about.id}\`, so there is nothing to resume`,
    )
  }
  const salt = randomBytes(32).toString('base64')
  const order: Order = {
    v: 1,
    order: kind,
    id: newId('order'),
    agreement: about.id,
    text: about.hash,
    reason: reasonDigest(salt, reason),
    lifts,
    issued: new Date(systemClock.now()).toISOString(),
  }
  return { order, envelope: await signOrder(order, []), reason, salt }
}

interface About {
  readonly id: string
  readonly hash: string
  readonly stops: readonly string[]
}

async function askAbout(id: string, { socket }: GivenOrder): Promise<About> {
  const answer = await askControl(socketOf(socket), { method: 'GET', path: '/v1/standing' })
  const { agreements } = parseStanding(answer)
  const found = agreements.find((one) => one.id === id)
  if (found) return found
  const known = agreements.map((one) => one.id).join(', ')
  throw new CliError('CLI_ORDER', `no agreement \`${id}\` is in force there; in force: ${known}`)
}

/** A party that has the text needs no gate to write a stop. */
function readAbout(path: string): About {
  const { schedule, hash } = readAgreement(path)
  return { id: schedule.id, hash, stops: [] }
}

async function sign(file: OrderFile, given: GivenOrder, output: Output): Promise<OrderFile> {
  const { order, envelope } = file
  if (!areSignersNamed(given)) return file
  // Whoever signs what another wrote must have read it.
  if (given.order !== undefined) output.err(orderText(file))
  const signers = await readSigners(given, output, (party) => demoKeyName(order.agreement, party))
  return { ...file, envelope: joinEnvelopes(envelope, await signOrder(order, signers)) }
}

function orderText({ order, reason }: OrderFile): string {
  const { order: kind, agreement, text, lifts, issued } = order
  const lines = [
    `signing: ${kind} \`${agreement}\`, whose text is ${text}; written ${issued}`,
    ...lifts.map((id) => `  lifts ${id}`),
  ]
  return `${lines.map(printableLine).join('\n')}\n  reason: ${printableBlock(reason).replaceAll('\n', '\n  ')}\n`
}

function writtenText({ order, envelope }: OrderFile, out: string): string {
  const count = envelope.signatures.length
  return `${out}: ${order.order} of \`${printableLine(order.agreement)}\`, ${count} signature${count === 1 ? '' : 's'}; not carried out yet\n`
}

function doneText({ order, parties, demoParties, seq, stops }: OrderCarriedOut): string {
  const by = `signed by ${parties.join(', ')}${demoParties.length > 0 ? ` (demonstration keys: ${demoParties.join(', ')})` : ''}`
  const now = stops.length === 0 ? 'calls pass again' : `nothing passes while ${stops.join(', ')} stands`
  return `${printableLine(`${order.order} of \`${order.agreement}\` carried out, entry ${seq}, ${by}: ${now}`)}\n`
}
