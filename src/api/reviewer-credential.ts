/**
 * How a reviewer asks: each request is signed with the reviewer's key, for this log, method, address and body and for
 * a minute. So whoever may open the socket still sees no held call without such a key, and what was signed for one
 * gate opens nothing at another.
 */
import { createHash } from 'node:crypto'
import { keyIdOf, parseBase64, publicKeyFromRaw, utf8, verifyEd25519 } from '../base/index.ts'
import type { Signer } from '../base/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import { ControlError } from './control-error.ts'

export const credentialHeader = 'servanda-reviewer'
const validMs = 60_000

export interface SignedRequest {
  /** Of the log that the holds are in. */
  readonly origin: string
  readonly method: string
  /** As it is sent, such as `/v1/holds`. */
  readonly path: string
  readonly body: Uint8Array
}

/** The header's value: key id, milliseconds since the epoch and signature, joined by dots. */
export async function signRequest(request: SignedRequest, signer: Signer, now: number): Promise<string> {
  const signature = await signer.sign(signedBytes(request, now))
  return `${keyIdOf(signer.publicKey)}.${now}.${Buffer.from(signature).toString('base64')}`
}

/** The key (raw, in base64) of the enrolled reviewer who asks. Throws `CONTROL_CREDENTIAL`. */
export function requireReviewer(
  header: unknown,
  request: SignedRequest,
  { reviewers, now }: { readonly reviewers: readonly EnrolledReviewer[]; readonly now: number },
): string {
  // untrusted: whoever opens the socket may send anything.
  const [, keyid, time = '', signature = ''] = credentialForm.exec(String(header)) ?? []
  if (keyid === undefined) refused('this is shown to reviewers alone, and the request carries no signature')
  if (Math.abs(now - Number(time)) > validMs) {
    refused('the signature of the request is of another time: compare the clocks')
  }
  const bytes = parseBase64(signature)
  const known = reviewers.map(({ key }) => ({ key, raw: parseBase64(key) }))
  const found = known.find(({ raw }) => raw?.length === 32 && keyIdOf(raw) === keyid)
  if (!found?.raw || bytes === null) refused('the key is not that of an enrolled reviewer')
  const signed = signedBytes(request, Number(time))
  if (!verifyEd25519(publicKeyFromRaw(found.raw), signed, bytes)) {
    refused('the signature is not over this request at this log')
  }
  return found.key
}

const credentialForm = /^(sha256:[0-9a-f]{64})\.(\d{1,15})\.([A-Za-z0-9+/]{86}==)$/

/** Begins unlike any other text that such a key signs. */
function signedBytes({ origin, method, path, body }: SignedRequest, time: number): Buffer {
  const digest = createHash('sha256').update(body).digest('hex')
  return utf8(`servanda/control/v2\n${origin}\n${method} ${path}\n${time}\n${digest}`)
}

function refused(message: string): never {
  throw new ControlError('CONTROL_CREDENTIAL', message)
}
