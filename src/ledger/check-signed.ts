/**
 * What people have signed for in the entries. The ledger knows no agreements, so whoever does is asked of each:
 * true where they signed, false where the text to tell by is not at hand, and a `ServandaError` where they did not.
 */
import { ServandaError } from '../base/index.ts'
import { finding } from './finding.ts'
import { entryOf } from './history.ts'
import type { Signed } from './history.ts'
import type { Activated } from './history-agreements.ts'
import type { Decision, Redemption } from './history-holds.ts'
import type { ActivationLeaf, AnnouncedLeaf, DisputeLeaf, OrderLeaf } from './leaf.ts'
import { LedgerError } from './ledger-error.ts'
import type { LedgerErrorCode } from './ledger-error.ts'

type Told = boolean | Promise<boolean>

/** What the log tells of how an activation came about, beside the activation that it supersedes. */
export type CameAbout = Pick<Activated, 'announced' | 'judgedBefore'>

/**
 * Whether the parties signed what this entry puts into force, and whether it might come into force then. `previous` is
 * the activation that it supersedes, checked before.
 */
export type CheckAgreement = (
  activation: ActivationLeaf,
  previous: ActivationLeaf | undefined,
  cameAbout: CameAbout,
) => Told

/** Whether the parties signed the amendment that is made known, of the version that is in force. */
export type CheckAnnounced = (announced: AnnouncedLeaf, activation: ActivationLeaf) => Told

/** Whether this dispute says what its entry says, and is signed by a party. */
export type CheckDispute = (dispute: DisputeLeaf, activation: ActivationLeaf) => Told

/** Whether this order says what its entry says, and is signed by who may order it. */
export type CheckOrder = (order: OrderLeaf, activation: ActivationLeaf) => Told

/** Whether a reviewer who was enrolled signed this decision about this hold. */
export type CheckDecision = (decision: Decision) => Told

/** Whether the approvals of a hold that was used are by reviewers enough for what its rules asked. */
export type CheckHold = (redemption: Redemption) => Told

export interface SignedChecks {
  readonly checkAgreement?: CheckAgreement
  readonly checkAnnounced?: CheckAnnounced
  readonly checkOrder?: CheckOrder
  readonly checkDispute?: CheckDispute
  readonly checkDecision?: CheckDecision
  readonly checkHold?: CheckHold
}

interface Count {
  checked: number
  unchecked: number
}

export class SignedCheck {
  readonly #checks: SignedChecks
  readonly counts: Readonly<Record<Signed['kind'], Count>> = {
    activation: { checked: 0, unchecked: 0 },
    announced: { checked: 0, unchecked: 0 },
    order: { checked: 0, unchecked: 0 },
    dispute: { checked: 0, unchecked: 0 },
    decision: { checked: 0, unchecked: 0 },
    redemption: { checked: 0, unchecked: 0 },
  }

  constructor(checks: SignedChecks) {
    this.#checks = checks
  }

  /**
   * Whether it could be told. Throws a `LedgerError` where people did not sign. INVARIANT: called after the history has
   * found that the entry follows those before.
   */
  async add(signed: Signed): Promise<boolean> {
    const count = this.counts[signed.kind]
    const told = await this.#ask(signed)
    if (told) count.checked++
    else count.unchecked++
    return told
  }

  async #ask(signed: Signed): Promise<boolean> {
    try {
      return (await this.#told(signed)) ?? false
    } catch (cause) {
      if (!(cause instanceof ServandaError)) throw cause
      const index = entryOf(signed)
      const { message } = finding(codes[signed.kind], index, cause.message)
      throw new LedgerError(codes[signed.kind], message, { cause, index })
    }
  }

  #told(signed: Signed): Told | undefined {
    const { checkAgreement, checkAnnounced, checkOrder, checkDispute } = this.#checks
    switch (signed.kind) {
      case 'activation':
        return checkAgreement?.(signed.activation, signed.previous, cameAbout(signed))
      case 'announced':
        return checkAnnounced?.(signed.announced, signed.activation)
      case 'order':
        return checkOrder?.(signed.order, signed.activation)
      case 'dispute':
        return checkDispute?.(signed.dispute, signed.activation)
      case 'decision':
        return this.#checks.checkDecision?.(signed.decision)
      case 'redemption':
        return this.#checks.checkHold?.(signed.redemption)
    }
  }
}

function cameAbout({ announced, judgedBefore }: Activated): CameAbout {
  return { judgedBefore, ...(announced ? { announced } : {}) }
}

const codes: Readonly<Record<Signed['kind'], LedgerErrorCode>> = {
  activation: 'LEDGER_SIGNATURES',
  announced: 'LEDGER_ANNOUNCED',
  order: 'LEDGER_ORDERS',
  dispute: 'LEDGER_DISPUTES',
  decision: 'LEDGER_DECISIONS',
  redemption: 'LEDGER_APPROVALS',
}
