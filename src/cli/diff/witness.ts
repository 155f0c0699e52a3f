/** A situation as the request that `servanda explain` reads: whoever doubts a change asks each version. */
import { formatMicros, unlisted } from '../../agreement/index.ts'
import type { Situation } from '../../agreement/index.ts'

export interface WitnessRequest {
  readonly stage: Situation['stage']
  readonly tool?: string
  readonly unit: string
  readonly chain: readonly string[]
  readonly model: string
  readonly purpose: string
  readonly surface: string
  readonly consumer: string
  readonly provenance: readonly string[]
  readonly findings: readonly string[]
  readonly time: string
  readonly committed: number
  readonly persons: number
}

/** A tool stands by its name, so that each version finds its class; a word that neither lists is `unlisted`. */
export function witnessRequest(situation: Situation): WitnessRequest {
  const { stage, act, unit, chain, model, purpose, surface, consumer } = situation
  return {
    stage,
    ...(act.call === 'tool' ? { tool: act.tool ?? unlisted } : {}),
    unit: unit ?? unlisted,
    chain: chain.map((member) => member ?? unlisted),
    model: model ?? unlisted,
    purpose: purpose ?? unlisted,
    surface: surface ?? unlisted,
    consumer: consumer ?? unlisted,
    provenance: situation.provenance.map((origin) => origin ?? unlisted),
    findings: situation.findings,
    time: new Date(situation.time).toISOString(),
    committed: Number(formatMicros(situation.committed)),
    persons: situation.persons,
  }
}
