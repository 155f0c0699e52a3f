/** A point in time as it is given on the command line. */
import { CliError } from './cli-error.ts'

const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{3})?)?Z)?$/

/**
 * Milliseconds since the epoch of `2026-03-01T00:00:00Z`; a day alone is its beginning, in UTC. Throws `CLI_USAGE`
 * for any other form, and for a day that no calendar has.
 */
export function parseInstantOption(option: string, text: string): number {
  const time = form.test(text) ? Date.parse(text) : Number.NaN
  // A day such as 30 February is read by some as one in March.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 10))) return time
  throw new CliError(
    'CLI_USAGE',
    `${option} takes a time in UTC such as 2026-03-01T00:00:00Z, not \`${text}\``,
  )
}
