/** The signatures of an agreement, in a file beside it that parties hand on to each other: a DSSE envelope. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { joinEnvelopes, statedEffective } from '../agreement/index.ts'
import { isErrorCode, parseEnvelope, parseJson } from '../base/index.ts'
import type { Envelope } from '../base/index.ts'
import { syncDirectory } from '../process/index.ts'
import { readBounded } from './bounded-file.ts'
import { CliError } from './cli-error.ts'

/** Where `init` and `activate` look for them. */
export function signaturesPath(agreementFile: string): string {
  return `${agreementFile}.signatures.json`
}

/** Null where there is no such file. Believes no signature. Throws `ENVELOPE_MALFORMED` and what strict JSON throws. */
export function readSignaturesFile(path: string): Envelope | null {
  if (!existsSync(path)) return null
  // untrusted: another party sent it.
  const { payloadType, payload, signatures } = parseEnvelope(parseJson(readBounded(path)))
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })),
  }
}

/**
 * Adds signatures to those in the file, or makes it, and answers all. Durable on return; a crash leaves the file as it
 * was, and a `.new` beside it. No signature is lost: two that sign at once do so one after the other, or one is told
 * to try again. Throws `CLI_SIGNATURES` where the file signs something else, and `ENVELOPE_MALFORMED` for too many.
 */
export function addSignatures(path: string, added: readonly Envelope[]): Envelope {
  const fresh = `${path}.new`
  const file = openFresh(fresh)
  let joined: Envelope
  try {
    joined = joinAll(
      [readSignaturesFile(path), ...added].filter((one) => one !== null),
      path,
    )
    // What could not be read again would lose the signatures that are there.
    parseEnvelope(joined)
    writeFileSync(file, `${JSON.stringify(joined, null, 2)}\n`)
    fsyncSync(file)
  } catch (error) {
    closeSync(file)
    rmSync(fresh)
    throw error
  }
  closeSync(file)
  renameSync(fresh, path)
  syncDirectory(dirname(path))
  return joined
}

/** Whoever has it open is the only one who changes the file. */
function openFresh(fresh: string): number {
  try {
    return openSync(fresh, 'wx', 0o644)
  } catch (cause) {
    if (!isErrorCode(cause, 'EEXIST')) throw cause
    const message = `\`${fresh}\` is there: somebody is signing at this moment, or was interrupted. Remove it when nobody is, and sign again`
    throw new CliError('CLI_SIGNATURES', message, { cause })
  }
}

function joinAll(envelopes: readonly Envelope[], path: string): Envelope {
  const [first, ...rest] = envelopes
  if (first === undefined) throw new CliError('CLI_SIGNATURES', 'there is nothing to sign')
  return rest.reduce((all, next) => withoutRepeats(join(all, next, path)), first)
}

function join(all: Envelope, next: Envelope, path: string): Envelope {
  if (all.payload === next.payload && all.payloadType === next.payloadType) return joinEnvelopes(all, next)
  const [there, here] = [all, next].map(effectiveText)
  const message = `\`${path}\` signs something else, effective ${there}; this is effective ${here}. All parties sign the same text for the same time, with the same version of this program`
  throw new CliError('CLI_SIGNATURES', message)
}

function withoutRepeats(envelope: Envelope): Envelope {
  const seen = new Set<string>()
  const signatures = envelope.signatures.filter(({ keyid, sig }) => {
    const key = `${keyid} ${sig}`
    return !seen.has(key) && seen.add(key)
  })
  return { ...envelope, signatures }
}

function effectiveText(envelope: Envelope): string {
  const effective = statedEffective(envelope)
  return effective === null ? 'at no time' : new Date(effective).toISOString()
}
