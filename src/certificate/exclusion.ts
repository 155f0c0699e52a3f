/**
 * The exclusion statement: in this period, by this log, no call went to this supplier. Computed from the entries
 * alone, one after another, so that whoever holds them computes the same bytes.
 */
import { invariant } from '../base/index.ts'
import { leafHash, openFrontier } from '../ledger/index.ts'
import type { Leaf } from '../ledger/index.ts'
import { CertificateError } from './certificate-error.ts'
import { certificateLimits } from './limits.ts'
import { Tally } from './exclusion-tally.ts'
import { exclusionPredicate } from './predicate.ts'
import type { Boundary, ExclusionQuery, ExclusionStatement, Period } from './statement.ts'

export interface Exclusion {
  /** INVARIANT: called for every entry from the first on, in order; those after the certificate's change nothing. */
  add(leaf: Leaf, index: number, entry: Uint8Array): void
  /**
   * Throws `CERTIFICATE_IMPOSSIBLE` with the first call to the supplier, `CERTIFICATE_NOT_COVERED` where the entry
   * was not reached, `CERTIFICATE_FALSE` where it is none of kind `certificate`, and `CERTIFICATE_PERIOD`.
   */
  statement(): ExclusionStatement
}

/** Entries of one log from its first: an audited one, where the statement shall be more than a claim. */
export function exclusionStatement(
  entries: Iterable<readonly [leaf: Leaf, entry: Uint8Array]>,
  query: ExclusionQuery,
): ExclusionStatement {
  const exclusion = openExclusion(query)
  let index = 0
  for (const [leaf, entry] of entries) exclusion.add(leaf, index++, entry)
  return exclusion.statement()
}

/** Throws `CERTIFICATE_PERIOD` unless the period is one and has ended by `now`. */
export function requirePeriod({ from, to }: Pick<Period, 'from' | 'to'>, now: number): void {
  if (from >= to) throw new CertificateError('CERTIFICATE_PERIOD', 'the period ends before it begins')
  if (to > now) {
    const message = `the period ends at ${instant(to)}, and it is ${instant(now)}: what is to come cannot be certified`
    throw new CertificateError('CERTIFICATE_PERIOD', message)
  }
}

export function openExclusion(query: ExclusionQuery): Exclusion {
  const { entry: last, supplier, from, to } = query
  const tree = openFrontier()
  const tally = new Tally(query)
  let head: { origin: string; role: 'agency' | 'gate'; time: number } | undefined
  let before: Place | null = null
  let after: Place | undefined
  let bound: Leaf | undefined
  return {
    add(leaf, index, entry) {
      if (index > last) return
      tree.append(leafHash(entry))
      if (leaf.kind === 'opened') {
        head = { origin: leaf.origin, role: leaf.role ?? 'agency', time: leaf.time }
      }
      if (leaf.time < from) before = { index, time: leaf.time }
      if (leaf.time >= to) after ??= { index, time: leaf.time }
      if (index === last) bound = leaf
      tally.add(leaf, index)
    },
    statement() {
      requireBound(bound, query, tree.size)
      invariant(head !== undefined, 'a log that reaches the entry has a first one')
      const start = before === null ? 0 : before.index + 1
      invariant(after !== undefined, 'an entry that was written after the period stands after it')
      return {
        v: 1,
        certificate: 'exclusion',
        supplier,
        from: instant(from),
        to: instant(to),
        origin: head.origin,
        role: head.role,
        size: tree.size,
        root: Buffer.from(tree.root()).toString('base64'),
        entry: last,
        begins: instant(head.time),
        coversWholePeriod: from >= head.time,
        range: { start, end: after.index, before: before && boundary(before), after: boundary(after) },
        predicate: {
          name: exclusionPredicate.name,
          version: exclusionPredicate.version,
          hash: exclusionPredicate.hash,
        },
        ...tally.result(after.index - start),
        oneParty: true,
        limits: certificateLimits,
      }
    },
  }
}

interface Place {
  readonly index: number
  readonly time: number
}

function boundary({ index, time }: Place): Boundary {
  return { index, time: instant(time) }
}

/** The entry must be there, ask for exactly this certificate, and stand after the period. */
function requireBound(bound: Leaf | undefined, query: ExclusionQuery, size: number): void {
  const { entry, supplier, from, to } = query
  if (bound === undefined) {
    const message = `the log shows ${size} entries, the certificate is bounded by entry ${entry}: it is older evidence, or entries were taken away`
    throw new CertificateError('CERTIFICATE_NOT_COVERED', message)
  }
  const asked =
    bound.kind === 'certificate' && bound.supplier === supplier && bound.from === from && bound.to === to
  if (!asked) {
    const message = `entry ${entry} does not ask for a certificate about this supplier and period`
    throw new CertificateError('CERTIFICATE_FALSE', message, { index: entry, member: 'entry' })
  }
  requirePeriod(query, bound.time)
}

/** Throws `CERTIFICATE_PERIOD` for a time that no calendar has. */
function instant(time: number): string {
  const date = new Date(time)
  if (!Number.isNaN(date.getTime())) return date.toISOString()
  throw new CertificateError('CERTIFICATE_PERIOD', `${time} is no time`)
}
