/** What keeps a gate from standing on what is in force: asked by its worker at start, and before a version acts. */
import type { Standing } from '../standing/index.ts'
import { SettingsError } from './settings.ts'
import type { Settings } from './settings.ts'
import { screenerFor } from './standing-screener.ts'

/**
 * Throws `STANDING_INVALID` for a signal that no detector here can find, and `SETTINGS_INVALID` where a gate is named
 * for a provider of no agreement. A provider's gate has no detectors and stands before none.
 */
export function requireAcceptable(
  { role, gates }: Pick<Settings, 'role' | 'gates'>,
  standing: Pick<Standing, 'agreements'>,
): void {
  if (role === 'gate') return
  void screenerFor(standing)[Symbol.asyncDispose]()
  requireProviders({ gates }, standing)
}

/** A gate for a provider that nobody has would be a misspelt one, whose calls went past its gate. */
export function requireProviders(
  { gates }: Pick<Settings, 'gates'>,
  { agreements }: Pick<Standing, 'agreements'>,
): void {
  if (gates === null || typeof gates === 'string') return
  const schedules = [...agreements.values()].map(({ agreement }) => agreement.schedule)
  const known = new Set(schedules.flatMap(({ providers }) => providers.map(({ id }) => id)))
  const unknown = Object.keys(gates).filter((provider) => !known.has(provider))
  if (unknown.length === 0) return
  const message = `gates: \`${unknown.join('`, `')}\` is no provider of an agreement in force`
  throw new SettingsError('SETTINGS_INVALID', message)
}
