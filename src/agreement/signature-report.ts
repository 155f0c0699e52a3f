/** Who has signed an agreement so far, what is missing, and which signatures count for nothing. */
import { demoPartiesOf, lackingUnder, readSignatures, signersAmong } from './signatures.ts'
import type { ReadSignatures } from './signatures.ts'
import { signingKeys } from '../base/index.ts'
import type { EnvelopeSignature } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import type { LackingParty } from './agreement-error.ts'
import type { Amendment } from './amendment.ts'
import type { AgreementStatement } from './statement.ts'
import { statementOf } from './statement.ts'

/** A signer who counts, under one version. */
export interface CountedSigner {
  readonly party: string
  readonly version: number
  readonly signer: string
  readonly title?: string
}

export interface IgnoredSignature {
  readonly keyid: string
  /** `bad` does not verify; `unknown` is of a key, if it is of any, that is no signer's under either version. */
  readonly reason: 'bad' | 'unknown' | 'repeated'
}

export interface SignatureReport {
  readonly statement: AgreementStatement
  /** Compared with the version before; null where there is none. */
  readonly amendment: Amendment | null
  readonly counted: readonly CountedSigner[]
  /** Empty exactly where `verifyEnvelope` accepts the signatures. */
  readonly lacking: readonly LackingParty[]
  readonly ignored: readonly IgnoredSignature[]
  /** Parties of which a key signed that anyone can derive. */
  readonly demoParties: readonly string[]
}

/** Throws as `verifyEnvelope` does, but never `ENVELOPE_SIGNATURES`: what is missing is what it tells. */
export function reportSignatures(
  agreement: Agreement,
  envelope: unknown,
  previous?: Agreement,
): SignatureReport {
  const read = readSignatures(agreement, envelope, previous)
  const versions = previous === undefined ? [agreement] : [previous, agreement]
  return {
    statement: statementOf(agreement, read.effective),
    amendment: read.amendment,
    counted: versions.flatMap((version) => countedUnder(version, read.signed)),
    lacking: lackingUnder(agreement, previous, read),
    ignored: ignoredOf(read),
    demoParties: demoPartiesOf(agreement.schedule, read.signed),
  }
}

function countedUnder({ schedule }: Agreement, signed: ReadonlySet<string>): CountedSigner[] {
  return schedule.parties.flatMap((party) =>
    signersAmong(party, signed).map(({ id, title }) => {
      const named = title === undefined ? {} : { title }
      return { party: party.id, version: schedule.version, signer: id, ...named }
    }),
  )
}

function ignoredOf({ parsed, known }: ReadSignatures): IgnoredSignature[] {
  const counted = new Set<string>()
  return parsed.signatures.flatMap((signature): IgnoredSignature[] => {
    const { keyid } = signature
    if (!known.has(keyid)) return [{ keyid, reason: 'unknown' }]
    if (!isGood(signature)) return [{ keyid, reason: 'bad' }]
    if (counted.has(keyid)) return [{ keyid, reason: 'repeated' }]
    counted.add(keyid)
    return []
  })

  function isGood(signature: EnvelopeSignature): boolean {
    const key = known.get(signature.keyid)
    return key !== undefined && signingKeys({ ...parsed, signatures: [signature] }, [key]).size === 1
  }
}
