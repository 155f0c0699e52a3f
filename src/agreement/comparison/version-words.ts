/** How one version reads the words of a situation: what it does not list is unlisted to it. */
import type { Agreement } from '../agreement.ts'
import { generate, unlisted } from '../schedule.ts'
import type { Listed } from '../schedule.ts'
import type { Act } from './situation-box.ts'

/** A word as it comes in; null is one that no version lists. */
export type Word = string | null

export type ListedWords = 'purpose' | 'surface' | 'consumer' | 'provenance'

export interface VersionWords {
  wordOf(list: ListedWords, word: Word): string
  unitOf(unit: Word): string
  /** The unit and its ancestors. */
  familyOf(unit: Word): readonly string[]
  modelOf(model: Word): string
  providerOf(model: Word): string
  actionOf(act: Act): string
}

const nobody: readonly string[] = [unlisted]

export function versionWords({ schedule, ancestors }: Agreement): VersionWords {
  const lists: Record<ListedWords | 'action', ReadonlySet<string>> = {
    purpose: idsOf(schedule.purposes),
    surface: idsOf(schedule.surfaces),
    consumer: idsOf(schedule.consumers),
    provenance: idsOf(schedule.provenances),
    action: idsOf(schedule.actions),
  }
  const providers = new Map(schedule.models.map((model) => [model.id, model.provider]))
  const actions = new Map(schedule.tools.map((tool) => [tool.id, tool.action]))
  const wordOf = (list: ListedWords | 'action', word: Word): string =>
    word !== null && lists[list].has(word) ? word : unlisted
  return {
    wordOf,
    unitOf: (unit) => (unit !== null && ancestors.has(unit) ? unit : unlisted),
    familyOf: (unit) => (unit === null ? nobody : (ancestors.get(unit) ?? nobody)),
    modelOf: (model) => (model !== null && providers.has(model) ? model : unlisted),
    providerOf: (model) => (model === null ? unlisted : (providers.get(model) ?? unlisted)),
    actionOf: (act) =>
      wordOf(
        'action',
        act.call === 'model' ? generate : act.tool === null ? null : (actions.get(act.tool) ?? null),
      ),
  }
}

function idsOf(lines: readonly Listed[]): ReadonlySet<string> {
  return new Set(lines.map((line) => line.id))
}
