/** Sets of units in words: a whole subtree by its head, and what is left out of it. */
import type { Agreement } from '../agreement.ts'
import { coded, listed } from './schedule-changes-lines.ts'
import type { Words } from './situation-box.ts'

/** The units of both versions; a unit belongs where the second version puts it. */
export interface UnitTree {
  readonly units: readonly string[]
  readonly roots: readonly string[]
  readonly children: ReadonlyMap<string, readonly string[]>
}

export function unitTreeOf(before: Agreement, after: Agreement): UnitTree {
  const young = new Set(after.schedule.units.map(({ id }) => id))
  const lines = [...after.schedule.units, ...before.schedule.units.filter(({ id }) => !young.has(id))]
  const known = new Set(lines.map(({ id }) => id))
  const parentOf = (parent: string | undefined): string =>
    parent !== undefined && known.has(parent) ? parent : ''
  const children = Map.groupBy(lines, (unit) => parentOf(unit.in))
  return {
    units: lines.map(({ id }) => id),
    roots: (children.get('') ?? []).map(({ id }) => id),
    children: new Map([...children].map(([id, below]) => [id, below.map((unit) => unit.id)])),
  }
}

/** What joins a head and what belongs to it: `and every unit within it`, `or a unit within it`. */
export interface UnitJoints {
  readonly within: string
  readonly every: string
  readonly joint: 'and' | 'or'
}

export const everyUnit: UnitJoints = { within: 'and every unit within it', every: 'every', joint: 'and' }
export const anyUnit: UnitJoints = { within: 'or a unit within it', every: 'any', joint: 'or' }

/** These units in as few words as say exactly which they are. */
export function unitsInWords(words: Words, tree: UnitTree, joints: UnitJoints): string {
  const set = new Set(words.filter((word) => word !== null))
  const outside = words.includes(null) ? ['a unit that neither version lists'] : []
  const missing = tree.units.filter((unit) => !set.has(unit))
  if (set.size > 0 && missing.length === 0) {
    return listed([`${joints.every} listed unit`, ...outside], joints.joint)
  }
  const pieces = tree.roots.flatMap((root) => piecesOf(root, set, tree, joints))
  const left = tree.roots.flatMap((root) => wholesOf(root, new Set(missing), tree))
  const shorter =
    left.length + 1 < pieces.length ? [`${joints.every} listed unit except ${listed(left)}`] : pieces
  return joined([...shorter, ...outside], joints.joint)
}

/** With a comma before the last joint where a piece has a joint of its own. */
function joined(pieces: readonly string[], joint: string): string {
  if (pieces.length < 2 || !pieces.some((piece) => piece.includes(' within it'))) return listed(pieces, joint)
  return `${pieces.slice(0, -1).join(', ')}, ${joint} ${pieces.at(-1) ?? ''}`
}

/** The members of the set at and below a unit: all of them, all but a few, or one by one. */
function piecesOf(unit: string, set: ReadonlySet<string>, tree: UnitTree, joints: UnitJoints): string[] {
  const below = tree.children.get(unit) ?? []
  const all = subtreeOf(unit, tree)
  const missing = all.filter((each) => !set.has(each))
  if (missing.length === all.length) return []
  if (below.length === 0) return [coded(unit)]
  if (missing.length === 0) return [`${coded(unit)} ${joints.within}`]
  const single = [
    ...(set.has(unit) ? [`${coded(unit)} itself`] : []),
    ...below.flatMap((each) => piecesOf(each, set, tree, joints)),
  ]
  if (!set.has(unit)) return single
  const except = below.flatMap((each) => wholesOf(each, new Set(missing), tree))
  if (except.length + 1 >= single.length) return single
  return [`${coded(unit)} ${joints.within} except ${listed(except)}`]
}

/** The same for what is left out, where `and every unit within it` would read as taken in. */
function wholesOf(unit: string, set: ReadonlySet<string>, tree: UnitTree): string[] {
  const below = tree.children.get(unit) ?? []
  const own = set.has(unit) ? [unit] : []
  if (below.length === 0) return own.map(coded)
  if (subtreeOf(unit, tree).every((each) => set.has(each))) return [`all of ${coded(unit)}`]
  return [
    ...own.map((each) => `${coded(each)} itself`),
    ...below.flatMap((each) => wholesOf(each, set, tree)),
  ]
}

function subtreeOf(unit: string, tree: UnitTree): string[] {
  return [unit, ...(tree.children.get(unit) ?? []).flatMap((each) => subtreeOf(each, tree))]
}
