/** Counters for the operators of a provider's gate. They name no exchange and no content. */
import { Counter, Gauge, Registry } from 'prom-client'
import type { ServedStatus, TurnedAwayReason } from '../ledger/index.ts'

export interface GateMetrics {
  readonly registry: Registry
  turnedAway(reason: TurnedAwayReason): void
  ended(status: ServedStatus): void
  /** A response that is neither an answer nor a refusal: bad input, no evidence, a fault. */
  failed(code: string): void
}

export function createGateMetrics(running: () => number): GateMetrics {
  const registry = new Registry()
  const registers = [registry]
  const refusals = new Counter({
    name: 'servanda_gate_turned_away_total',
    help: 'Calls that the gate refused, by reason',
    labelNames: ['reason'],
    registers,
  })
  const served = new Counter({
    name: 'servanda_gate_served_total',
    help: 'Calls that went to a model, by how they ended',
    labelNames: ['status'],
    registers,
  })
  const failures = new Counter({
    name: 'servanda_gate_failures_total',
    help: 'Calls that were neither served nor refused for a reason, by error code',
    labelNames: ['code'],
    registers,
  })
  new Gauge({
    name: 'servanda_gate_running_calls',
    help: 'Calls whose answer is under way',
    registers,
    collect() {
      this.set(running())
    },
  })
  return {
    registry,
    turnedAway: (reason) => refusals.inc({ reason }),
    ended: (status) => served.inc({ status }),
    failed: (code) => failures.inc({ code }),
  }
}
