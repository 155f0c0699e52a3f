/** Counters for operators. They name no caller and no content. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Decision } from '../decision/index.ts'

export interface GatewayMetrics {
  readonly registry: Registry
  decided(decision: Decision): void
  /** A response that no decision caused: bad input, no evidence, a fault. */
  failed(code: string): void
  ended(seconds: number): void
}

export function createMetrics(running: () => number): GatewayMetrics {
  const registry = new Registry()
  const registers = [registry]
  const decisions = new Counter({
    name: 'servanda_decisions_total',
    help: 'Decisions by verdict and by the first rule that caused them',
    labelNames: ['verdict', 'rule'],
    registers,
  })
  const failures = new Counter({
    name: 'servanda_failures_total',
    help: 'Calls that were refused without a decision, by error code',
    labelNames: ['code'],
    registers,
  })
  const seconds = new Histogram({
    name: 'servanda_exchange_seconds',
    help: 'Time from arrival to the last byte',
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  })
  new Gauge({
    name: 'servanda_running_exchanges',
    help: 'Exchanges whose answer is under way',
    registers,
    collect() {
      this.set(running())
    },
  })
  return {
    registry,
    decided: ({ verdict, citations }) => decisions.inc({ verdict, rule: citations[0]?.rule ?? '' }),
    failed: (code) => failures.inc({ code }),
    ended: (taken) => seconds.observe(taken),
  }
}
