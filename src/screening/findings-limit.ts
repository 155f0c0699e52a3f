/** Keeps findings few: a text can be made of nothing but findings, and they are all recorded. */
import type { Finding } from './detector.ts'

/** Findings kept of one signal, detector and view; the signal, which is what rules read, has long been given by then. */
const findingsPerKindMax = 32

/** A filter that passes the first findings of each kind that come by. */
export function createFindingsLimit(): (finding: Finding) => boolean {
  const passed = new Map<string, number>()
  return ({ signal, detector, view }) => {
    const kind = `${detector} ${view} ${signal}`
    const count = (passed.get(kind) ?? 0) + 1
    if (count <= findingsPerKindMax) passed.set(kind, count)
    return count <= findingsPerKindMax
  }
}
