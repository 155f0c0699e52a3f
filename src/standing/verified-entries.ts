/** What parties have signed about a version is verified once, however often what is in force is read again. */
import type { Agreement } from '../agreement/index.ts'
import { canonicalJson } from '../base/index.ts'
import type { Json } from '../base/index.ts'

/** An entry that carries what a party signed. */
export interface SignedEntry {
  readonly seq: number
  readonly envelope: Json
}

interface VerifiedEntry<T> {
  readonly envelope: Json
  /** The version that it is about, as it was signed. */
  readonly about: Agreement
  readonly verified: T
}

/** By the index of the entry. INVARIANT: `verify` has not thrown for any of them. */
export type VerifiedEntries<T> = ReadonlyMap<number, VerifiedEntry<T>>

/**
 * Verifies entries of one kind, each the first time it is met: what `before` has of the same bytes about the same
 * version is taken over, so that a stop acts within milliseconds however much was signed before it.
 */
export class EntryVerifier<T> {
  readonly #verify: (about: Agreement, envelope: Json) => T
  readonly #before: VerifiedEntries<T> | undefined
  readonly #verified = new Map<number, VerifiedEntry<T>>()

  constructor(verify: (about: Agreement, envelope: Json) => T, before?: VerifiedEntries<T>) {
    this.#verify = verify
    this.#before = before
  }

  /** All that were verified or taken over, for the next reading. */
  get verified(): VerifiedEntries<T> {
    return this.#verified
  }

  /** Throws what `verify` throws. */
  read({ seq, envelope }: SignedEntry, about: Agreement): T {
    const known = this.#before?.get(seq)
    const isSame = known?.about === about && canonicalJson(known.envelope) === canonicalJson(envelope)
    const entry = isSame ? known : { envelope, about, verified: this.#verify(about, envelope) }
    this.#verified.set(seq, entry)
    return entry.verified
  }
}
