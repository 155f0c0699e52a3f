/** Tells the operator, once per agreement, that its money reaches the share from which on the parties are told. */
import { shareText } from '../standing/index.ts'
import type { CommittedShare } from '../standing/index.ts'

export class ShareWarning {
  readonly #warn: (message: string) => void
  readonly #told = new Set<string>()

  constructor(warn: (message: string) => void) {
    this.#warn = warn
  }

  /** Null for an agreement without money. */
  note(share: CommittedShare | null): void {
    if (!share?.isWarning || this.#told.has(share.agreement)) return
    this.#told.add(share.agreement)
    this.#warn(`${shareText(share)}; tell the parties, and allot more in time: what exceeds it is denied`)
  }
}
