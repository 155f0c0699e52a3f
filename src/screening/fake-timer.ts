/** A timer that tests hold in their hand. */
import type { Timer } from './thread-pool.ts'

export interface FakeTimer extends Timer {
  /** Lets so much time pass and runs what falls due, in order. */
  pass(ms: number): void
  /** Runs that are still due. */
  readonly due: number
}

export function createFakeTimer(): FakeTimer {
  let now = 0
  let runs: { at: number; run: () => void }[] = []
  return {
    after(delayMs, run) {
      const entry = { at: now + delayMs, run }
      runs.push(entry)
      return () => (runs = runs.filter((other) => other !== entry))
    },
    pass(ms) {
      now += ms
      const ripe = runs.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)
      runs = runs.filter(({ at }) => at > now)
      for (const { run } of ripe) run()
    },
    get due() {
      return runs.length
    },
  }
}
