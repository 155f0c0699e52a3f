/**
 * What people have signed for in the entries. The ledger knows no agreements, so whoever does is asked of each:
 * true where they signed, false where the text to tell by is not at hand, and a `ServandaError` where they did not.
 */
import { ServandaError } from '../base/index.ts'
import { finding } from './finding.ts'
import { entryOf } from './history.ts'
import type { Signed } from './history.ts'
import type { Decision, Redemption } from './history-holds.ts'
import type { ActivationLeaf, OrderLeaf } from './leaf.ts'
import { LedgerError } from './ledger-error.ts'
import type { LedgerErrorCode } from './ledger-error.ts'

type Told = boolean | Promise<boolean>

/**
 * Whether the parties signed what this entry puts into force. `previous` is the activation that it supersedes,
 * checked before.
 */
export type CheckAgreement = (activation: ActivationLeaf, previous: ActivationLeaf | undefined) => Told

/** Whether this order says what its entry says, and is signed by who may order it. */
export type CheckOrder = (order: OrderLeaf, activation: ActivationLeaf) => Told

/** Whether a reviewer who was enrolled signed this decision about this hold. */
export type CheckDecision = (decision: Decision) => Told

/** Whether the approvals of a hold that was used are by reviewers enough for what its rules asked. */
export type CheckHold = (redemption: Redemption) => Told

export interface SignedChecks {
  readonly checkAgreement?: CheckAgreement
  readonly checkOrder?: CheckOrder
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
    order: { checked: 0, unchecked: 0 },
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
    const { checkAgreement, checkOrder, checkDecision, checkHold } = this.#checks
    try {
      switch (signed.kind) {
        case 'activation':
          return (await checkAgreement?.(signed.activation, signed.previous)) ?? false
        case 'order':
          return (await checkOrder?.(signed.order, signed.activation)) ?? false
        case 'decision':
          return (await checkDecision?.(signed.decision)) ?? false
        case 'redemption':
          return (await checkHold?.(signed.redemption)) ?? false
      }
    } catch (cause) {
      if (!(cause instanceof ServandaError)) throw cause
      const index = entryOf(signed)
      const { message } = finding(codes[signed.kind], index, cause.message)
      throw new LedgerError(codes[signed.kind], message, { cause, index })
    }
  }
}

const codes: Readonly<Record<Signed['kind'], LedgerErrorCode>> = {
  activation: 'LEDGER_SIGNATURES',
  order: 'LEDGER_ORDERS',
  decision: 'LEDGER_DECISIONS',
  redemption: 'LEDGER_APPROVALS',
}
