/** Batches as a test plans them: over a memory that has just begun, and what became of each ask. */
import assert from 'node:assert/strict'
import { parseLeaf } from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import { LogMemory } from './log-memory.ts'
import { planBatch } from './plan-batch.ts'
import type { Plan } from './plan-batch.ts'
import { ask, origin } from './sample-asks.ts'
import { memoryOf } from './sequencer-memory.ts'
import type { LogRole, SequencerMemory } from './sequencer-memory.ts'

export const now = 10_000

export function plan(memory: SequencerMemory, asks: readonly DurableAsk[], at = now): Plan {
  const waiting = asks.map((one) => ({ ask: one, worker: 1 }))
  return planBatch(waiting, memory, { now: at, origin })
}

/** Writes all of these, and refuses to go on where one is refused. */
export function write(memory: SequencerMemory, ...asks: readonly DurableAsk[]): void {
  const planned = plan(memory, asks)
  assert.deepEqual(
    codes(planned),
    asks.map(() => null),
  )
  planned.apply()
}

export function codes({ asks }: Plan): (string | null)[] {
  return asks.map((planned) => ('refused' in planned ? planned.refused.code : null))
}

export function kinds({ batch }: Plan): string[] {
  return batch.entries.map(({ leaf }) => parseLeaf(leaf).kind)
}

export function emptyMemory(role: LogRole = 'agency'): SequencerMemory {
  const state = { size: 0, lastTime: 0, intents: [], holds: [], spent: new Map(), activations: [] }
  return memoryOf({ state, log: new LogMemory(), role })
}

/** Opened, and `department` version 1 in force since entry 1. */
export function started(role: LogRole = 'agency'): SequencerMemory {
  const memory = emptyMemory(role)
  write(memory, ask.activate())
  return memory
}

/** An intent of `department`, with the money that it needs. */
export function admit(memory: SequencerMemory, exchange: string, more: object = {}): DurableAsk {
  const { id } = memory.purse.reserve('department', 5, 1)
  memory.purse.claim(id)
  return ask.admit({ exchange, reservation: id, ...more })
}
