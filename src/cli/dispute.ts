/** `servanda dispute`: a party finds prose and rules of a clause apart; from its entry on the stricter reading acts. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { demoKeyName, parseDispute, reasonDigest, requireReading, signDispute } from '../agreement/index.ts'
import type { Dispute } from '../agreement/index.ts'
import type { DisputeOpened } from '../api/index.ts'
import { isObject, newId, parseEnvelope, parseJson, systemClock } from '../base/index.ts'
import type { Envelope, Json } from '../base/index.ts'
import { readAgreement } from './agreement-file.ts'
import { readBounded } from './bounded-file.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import type { Output } from './command.ts'
import { parseDisputeOpened } from './control-answers.ts'
import { askControl, socketOf } from './control-client.ts'
import { printableLine } from './printable.ts'
import { areSignersNamed, readSigners, signerOptions, signerUsage } from './signing-keys.ts'
import type { SignerOptions } from './signing-keys.ts'

const usage = `usage: servanda dispute FILE --clause ID --reason TEXT --key FILE [--reading FILE] [--out FILE] [--json]
       servanda dispute --signed FILE [--socket PATH] [--json]

  FILE       the agreement in force, whose clause reads otherwise than its rules
  --clause   the clause, such as 4.2
  --reading  a file of Cedar forbids that act under the clause from now on; without one its grants grant nothing
             and nothing lifts what it holds
  --reason   where prose and rule part; its digest is signed, and it goes to the other party, not into the ledger
  --key      private key file of a party: one of one party is enough
${signerUsage}  --demo-key PARTY[/SIGNER]
             in the place of --key, a demonstration key of a party, which anyone can derive
  --out      write the signed dispute to a file, for whoever runs a gate to open it there
  --signed   open a dispute that a party has signed
  --socket   the gate's control socket (default: control.sock in the data directory of the settings)
  --json     the result as one JSON object

  It stands until a version comes into force in which the clause's prose or rules differ. Each gate has a log of its
  own: the agency's gate judges by the stricter reading, the provider's keeps that the dispute was opened.
`

interface SignedDispute {
  readonly dispute: Dispute
  readonly envelope: Envelope
  readonly reason: string
  readonly salt: string
}

interface GivenDispute extends SignerOptions {
  readonly file: string | undefined
  readonly clause: string | undefined
  readonly reason: string | undefined
  readonly reading: string | undefined
  readonly signed: string | undefined
}

/** Exit code 0 when the dispute is opened, or written to the file that was named. */
export const dispute = command({
  usage,
  operands: { file: 'optional' },
  options: {
    clause: 'optional',
    reading: 'optional',
    reason: 'optional',
    ...signerOptions,
    out: 'optional',
    signed: 'optional',
    socket: 'optional',
  },
  async run(given, output) {
    const signed = given.signed === undefined ? await newDispute(given, output) : readSigned(given.signed)
    if (given.out !== undefined) {
      await writeFile(given.out, `${JSON.stringify(bodyOf(signed), null, 2)}\n`)
      const text = `${given.out}: dispute about clause ${signed.dispute.clause}, signed; not opened yet\n`
      output.answer({ dispute: signed.dispute, out: given.out }, text)
      return 0
    }
    const ask = { method: 'POST', path: '/v1/disputes', body: bodyOf(signed) } as const
    const opened = parseDisputeOpened(await askControl(socketOf(given.socket), ask))
    output.answer(opened, openedText(opened))
    return 0
  },
})

/** The reading is tried before anything is signed. */
async function newDispute(given: GivenDispute, output: Output): Promise<SignedDispute> {
  const { file, clause, reason, reading } = given
  if (file === undefined || clause === undefined || reason === undefined || !areSignersNamed(given)) {
    throw new CliError('CLI_USAGE', 'FILE, --clause, --reason and --key are needed, or --signed')
  }
  const agreement = readAgreement(file)
  const salt = randomBytes(32).toString('base64')
  const written: Dispute = {
    v: 1,
    id: newId('dispute'),
    agreement: agreement.schedule.id,
    text: agreement.hash,
    clause,
    reading: reading === undefined ? '' : readBounded(reading).toString('utf8').trim(),
    reason: reasonDigest(salt, reason),
    issued: new Date(systemClock.now()).toISOString(),
  }
  requireReading(agreement, written)
  const signers = await readSigners(given, output, (name) => demoKeyName(written.agreement, name))
  return { dispute: written, envelope: await signDispute(written, signers), reason, salt }
}

/** Reads it without believing a signature. Throws `CLI_FILE`, `ENVELOPE_MALFORMED` and `DISPUTE_FALSE`. */
function readSigned(path: string): SignedDispute {
  // untrusted: another party sent it.
  const value = parseJson(readBounded(path))
  if (!isObject(value) || typeof value['reason'] !== 'string' || typeof value['salt'] !== 'string') {
    throw new CliError('CLI_FILE', `\`${path}\` holds no dispute with its reason`)
  }
  const { reason, salt } = value
  const { payloadType, payload, signatures } = parseEnvelope(value['envelope'])
  const envelope = { payloadType, payload: Buffer.from(payload).toString('base64'), signatures }
  return { dispute: parseDispute(payload), envelope, reason, salt }
}

function bodyOf({ envelope, reason, salt }: SignedDispute): Json {
  return { envelope: envelope as unknown as Json, reason, salt }
}

function openedText({ dispute: opened, parties, demoParties, seq, clauses }: DisputeOpened): string {
  const demo = demoParties.length > 0 ? ` (demonstration keys: ${demoParties.join(', ')})` : ''
  const first = `dispute about clause ${opened.clause} of \`${opened.agreement}\` opened, entry ${seq}, signed by ${parties.join(', ')}${demo}`
  const all = `the stricter reading acts for ${clauses.join(', ')} until an amendment settles it`
  return `${printableLine(`${first}: ${all}`)}\n`
}
