/** The words that rules may use, by Cedar entity type, and the ancestors of units. */
import { limits } from './limits.ts'
import { generate, screeningFailed, unlisted } from './schedule.ts'
import type { Schedule } from './schedule.ts'

export type EntityType =
  | 'Unit'
  | 'Action'
  | 'Model'
  | 'Provider'
  | 'Purpose'
  | 'Surface'
  | 'Consumer'
  | 'Stage'
  | 'Provenance'
  | 'Signal'
  | 'Level'

export const stages = ['request', 'tool', 'answer'] as const

export interface Vocabulary {
  /** What the schedule lists; `generate` is among the actions. */
  readonly listed: Readonly<Record<EntityType, readonly string[]>>
  /** With the words of the system, which only generated rules may use. */
  readonly all: Readonly<Record<EntityType, ReadonlySet<string>>>
}

export function vocabularyOf(schedule: Schedule): Vocabulary {
  const listed: Record<EntityType, readonly string[]> = {
    Unit: idsOf(schedule.units),
    Action: [...new Set([generate, ...idsOf(schedule.actions)])],
    Model: idsOf(schedule.models),
    Provider: idsOf(schedule.providers),
    Purpose: idsOf(schedule.purposes),
    Surface: idsOf(schedule.surfaces),
    Consumer: idsOf(schedule.consumers),
    Stage: stages,
    Provenance: idsOf(schedule.provenances),
    Signal: idsOf(schedule.signals),
    Level: idsOf(schedule.levels),
  }
  const all: Record<EntityType, ReadonlySet<string>> = {
    Unit: new Set([...listed.Unit, unlisted]),
    Action: new Set([...listed.Action, unlisted]),
    Model: new Set([...listed.Model, unlisted]),
    Provider: new Set([...listed.Provider, unlisted]),
    Purpose: new Set([...listed.Purpose, unlisted]),
    Surface: new Set([...listed.Surface, unlisted]),
    Consumer: new Set([...listed.Consumer, unlisted]),
    Stage: new Set(stages),
    Provenance: new Set([...listed.Provenance, unlisted]),
    Signal: new Set([...listed.Signal, screeningFailed]),
    Level: new Set([...listed.Level, unlisted]),
  }
  return { listed, all }
}

export function isEntityType(name: string, vocabulary: Vocabulary): name is EntityType {
  return Object.hasOwn(vocabulary.all, name)
}

/**
 * Ancestors of each unit, the unit itself first. A cycle, a missing parent and the most that units may nest end the
 * walk: all three are reported.
 */
export function ancestorsOf(schedule: Schedule): ReadonlyMap<string, readonly string[]> {
  const parents = new Map(schedule.units.map((unit) => [unit.id, unit.in]))
  return new Map(
    schedule.units.map((unit) => {
      const path = new Set<string>()
      for (let at: string | undefined = unit.id; at !== undefined && parents.has(at) && !path.has(at);) {
        if (path.size > limits.unitDepth) break
        path.add(at)
        at = parents.get(at)
      }
      return [unit.id, [...path]]
    }),
  )
}

function idsOf(lines: readonly { readonly id: string }[]): string[] {
  return lines.map((line) => line.id)
}
