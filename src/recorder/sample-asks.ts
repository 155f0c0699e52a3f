/** Asks as a gateway would make them, for tests: every kind, with records whose digests are right. */
import { demoKey, digestOf, signerFromKey, utf8 } from '../base/index.ts'
import { formatVkey } from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import type { Activation, Admission, OpenedHold, Refusal, Settlement } from './recorder.ts'

export const origin = 'gateway.example/recorder'
export const signer = signerFromKey(demoKey('recorder tests'))
export const vkey = formatVkey(origin, signer.publicKey)

/** A clock that stands until it is told otherwise. */
export class HeldClock {
  time = Date.UTC(2026, 2, 2, 9)
  now(): number {
    return this.time
  }
}

interface Step {
  readonly exchange: string
  /** The activation entry; 1 where the log begins with opening and activation. */
  readonly agreement?: number
  readonly hold?: OpenedHold
  readonly sealed?: Uint8Array
}

function judged({ exchange, agreement = 1, sealed = utf8(`sealed ${exchange}`) }: Step) {
  return {
    sealed,
    common: {
      exchange,
      agreement,
      stage: 'request' as const,
      rules: ['4.2#1'],
      provider: 'cumulus',
      upstream: 'rehearsal' as const,
      commitments: digestOf(exchange).slice('sha256:'.length),
      record: digestOf(sealed),
    },
  }
}

export function activation(agreement = 'department', version = 1): Activation {
  const text = `# ${agreement}, version ${version}`
  const envelope = { payloadType: 'application/vnd.servanda.statement+json', payload: 'e30=', signatures: [] }
  return {
    text,
    leaf: { kind: 'activation', agreement, version, hash: digestOf(text), envelope, demo: true },
  }
}

export function admission(step: Step & { readonly reservation: number }): Admission {
  const { common, sealed } = judged(step)
  return { reservation: step.reservation, sealed, leaf: { ...common, kind: 'intent', decision: 'allow' } }
}

export function refusal(step: Step & { readonly reservation?: number }): Refusal {
  const { common, sealed } = judged(step)
  const { hold, reservation } = step
  return {
    sealed,
    leaf: {
      ...common,
      kind: 'refusal',
      decision: hold ? 'hold' : 'deny',
      ...(hold ? { hold: hold.id } : {}),
    },
    ...(hold ? { hold } : {}),
    ...(reservation === undefined ? {} : { reservation }),
  }
}

export function settlement(step: Step & { readonly micros: number; readonly intent?: number }): Settlement {
  const { common, sealed } = judged(step)
  const { hold, micros, intent = 0 } = step
  return {
    sealed,
    micros,
    leaf: {
      ...common,
      kind: 'outcome',
      decision: hold ? 'hold' : 'allow',
      status: 'completed',
      intent,
      ...(hold ? { hold: hold.id } : {}),
    },
    ...(hold ? { hold } : {}),
  }
}

export const ask = {
  admit: (...of: Parameters<typeof admission>): DurableAsk => ({ op: 'admit', admission: admission(...of) }),
  refuse: (...of: Parameters<typeof refusal>): DurableAsk => ({ op: 'refuse', refusal: refusal(...of) }),
  settle: (...of: Parameters<typeof settlement>): DurableAsk => ({
    op: 'settle',
    settlement: settlement(...of),
  }),
  activate: (...of: Parameters<typeof activation>): DurableAsk => ({
    op: 'activate',
    activation: activation(...of),
  }),
}
