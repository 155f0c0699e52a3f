/** Counters for operators. They name no caller and no content. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Decision } from '../decision/index.ts'
import type { UnsatisfiableLevel } from '../oversight/index.ts'
import { percentOf } from '../standing/index.ts'
import type { CommittedShare } from '../standing/index.ts'

/** What of the agreements in force is told on every reading; nothing where it cannot be known. */
export interface Watched {
  /** Levels that the enrolled reviewers can never satisfy. */
  unsatisfiable(): readonly Pick<UnsatisfiableLevel, 'agreement' | 'level'>[]
  shares(): Promise<readonly CommittedShare[]>
}

export interface GatewayMetrics {
  readonly registry: Registry
  decided(decision: Decision): void
  /** A response that no decision caused: bad input, no evidence, a fault. */
  failed(code: string): void
  ended(seconds: number): void
}

export function createMetrics(running: () => number, watched: Watched): GatewayMetrics {
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
  // All workers tell the same of these: the largest is what any of them says.
  new Gauge({
    name: 'servanda_levels_unsatisfiable',
    help: '1 for each level in force that the enrolled reviewers can never satisfy',
    labelNames: ['agreement', 'level'],
    aggregator: 'max',
    registers,
    collect() {
      this.reset()
      for (const { agreement, level } of watched.unsatisfiable()) this.set({ agreement, level }, 1)
    },
  })
  new Gauge({
    name: 'servanda_amount_committed_percent',
    help: 'Of what is allotted, how much is spent or reserved, in hundredths rounded down',
    labelNames: ['agreement'],
    aggregator: 'max',
    registers,
    async collect() {
      const shares = await watched.shares()
      this.reset()
      for (const share of shares) this.set({ agreement: share.agreement }, percentOf(share))
    },
  })
  return {
    registry,
    decided: ({ verdict, citations }) => decisions.inc({ verdict, rule: citations[0]?.rule ?? '' }),
    failed: (code) => failures.inc({ code }),
    ended: (taken) => seconds.observe(taken),
  }
}
