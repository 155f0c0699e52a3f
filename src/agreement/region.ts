/**
 * Which situations meet a set of tests: an exact search. Vocabularies are finite and ordered attributes are
 * compared with constants only, so that the question always has an answer; a bound on steps keeps it short.
 */
import type { OrderedAttribute, SetAttribute, Test, WordAttribute } from './rule.ts'
import type { Vocabulary } from './vocabulary.ts'

/** The words that an attribute may still have. */
type Choice = ReadonlySet<string>

/** What a set must hold and what it must not; the rest is free. */
export interface Membership {
  readonly has: ReadonlySet<string>
  readonly not: ReadonlySet<string>
}

/** Whole numbers from `min` to `max`, both included, without those in `not`. */
export interface Interval {
  readonly min: number
  readonly max: number
  readonly not: ReadonlySet<number>
}

/** A non-empty box of situations: each combination of what is left in each dimension is one. */
export type Region = Readonly<Record<'unit' | 'action' | 'model' | WordAttribute, Choice>> &
  Readonly<Record<SetAttribute, Membership>> &
  Readonly<Record<OrderedAttribute, Interval>>

export interface Space {
  readonly vocabulary: Vocabulary
  /** The unit itself and its ancestors; of a unit outside the schedule only itself. */
  closureOf(unit: string): readonly string[]
  providerOf(model: string): string
}

export type Search =
  | { readonly found: 'region'; readonly region: Region }
  /** No situation meets the tests. */
  | { readonly found: 'none' }
  /** The bound on steps was met first. */
  | { readonly found: 'unknown' }

interface Demand {
  readonly test: Test
  readonly wanted: boolean
}

interface SearchState {
  readonly space: Space
  readonly random: () => number
  steps: number
}

const timeMin = Date.parse('0001-01-01T00:00:00.000Z')
const timeMax = Date.parse('9999-12-31T23:59:59.999Z')

export interface SearchOptions {
  /** 0 ≤ x < 1. It only chooses among several; with `() => 0`, the default, the search is deterministic. */
  readonly random?: () => number
  readonly stepsMax?: number
  /** What several searches may take together; each takes its steps out of it. */
  readonly budget?: { steps: number }
  /** Only situations of this region are searched; by default all. */
  readonly within?: Region
}

/** Searches a region in which every test of `met` is true and every test of `unmet` false. */
export function findRegion(
  space: Space,
  met: readonly Test[],
  unmet: readonly Test[],
  { random = () => 0, stepsMax = 20_000, budget, within = wholeSpace(space) }: SearchOptions = {},
): Search {
  const stepsAllowed = Math.min(stepsMax, budget?.steps ?? stepsMax)
  const state: SearchState = { space, random, steps: stepsAllowed }
  const demands = [
    ...unmet.map((test): Demand => ({ test, wanted: false })),
    ...met.map((test): Demand => ({ test, wanted: true })),
  ]
  const region = search(within, demands, [], state)
  if (budget !== undefined) budget.steps -= stepsAllowed - Math.max(state.steps, 0)
  if (region !== null) return { found: 'region', region }
  return { found: state.steps > 0 ? 'none' : 'unknown' }
}

function wholeSpace({ vocabulary: { all } }: Space): Region {
  const free: Membership = { has: new Set(), not: new Set() }
  return {
    unit: all.Unit,
    action: all.Action,
    model: all.Model,
    purpose: all.Purpose,
    surface: all.Surface,
    consumer: all.Consumer,
    stage: all.Stage,
    chain: free,
    provenance: free,
    findings: free,
    time: { min: timeMin, max: timeMax, not: new Set() },
    committed: { min: 0, max: Number.MAX_SAFE_INTEGER, not: new Set() },
    persons: { min: 0, max: Number.MAX_SAFE_INTEGER, not: new Set() },
  }
}

/** Meets what has one way first; `branches` are the demands that have several, of which one must be met. */
function search(
  start: Region,
  demands: readonly Demand[],
  branches: readonly (readonly Demand[])[],
  state: SearchState,
): Region | null {
  let pending = demands
  let open = branches
  let region = start
  while (pending.length > 0) {
    const met = meetAll(region, pending, state)
    const left = met === null ? null : branchesLeft(met.region, [...open, ...met.branches], state)
    if (met === null || left === null) return null
    region = met.region
    pending = left.filter((branch) => branch.length === 1).flat()
    open = left.filter((branch) => branch.length > 1)
  }
  const branch = narrowestOf(open)
  if (branch === undefined) return region
  const others = open.filter((each) => each !== branch)
  for (const alternative of shuffled(branch, state.random)) {
    const found = search(region, [alternative], others, state)
    if (found !== null || state.steps <= 0) return found
  }
  return null
}

/** The part of a region that meets the demands as far as each has one way, and those that have several. */
function meetAll(
  start: Region,
  demands: readonly Demand[],
  state: SearchState,
): { readonly region: Region; readonly branches: Demand[][] } | null {
  const pending = [...demands]
  const branches: Demand[][] = []
  let region = start
  for (let demand = pending.pop(); demand !== undefined; demand = pending.pop()) {
    if (--state.steps <= 0) return null
    const { test, wanted } = demand
    if (test.op === 'not') pending.push({ test: test.test, wanted: !wanted })
    else if (test.op === 'all' || test.op === 'any') {
      const parts = test.tests.map((each): Demand => ({ test: each, wanted }))
      if ((test.op === 'all') === wanted) pending.push(...parts)
      else branches.push(parts)
    } else {
      const narrowed = narrow(region, test, wanted, state.space)
      if (narrowed === null) return null
      region = narrowed
    }
  }
  return { region, branches }
}

/** The branches that are not met already, without the ways that are closed; null where one has no way left. */
function branchesLeft(
  region: Region,
  branches: readonly (readonly Demand[])[],
  state: SearchState,
): Demand[][] | null {
  const left: Demand[][] = []
  for (const branch of branches) {
    const looks = branch.map((demand) => ({ demand, look: lookAt(region, demand, state) }))
    if (looks.some(({ look }) => look === 'met')) continue
    const ways = looks.filter(({ look }) => look === 'open').map(({ demand }) => demand)
    if (ways.length === 0 || state.steps <= 0) return null
    left.push(ways)
  }
  return left
}

/** With the fewest ways, and the last of those. */
function narrowestOf(branches: readonly (readonly Demand[])[]): readonly Demand[] | undefined {
  let narrowest = branches.at(-1)
  for (const branch of branches.toReversed()) {
    if (branch.length < (narrowest?.length ?? 0)) narrowest = branch
  }
  return narrowest
}

/** Whether a demand is met in all of a region, closed in all of it, or neither for sure. */
function lookAt(region: Region, { test, wanted }: Demand, state: SearchState): 'met' | 'closed' | 'open' {
  if (--state.steps <= 0) return 'open'
  if (test.op === 'not') return lookAt(region, { test: test.test, wanted: !wanted }, state)
  if (test.op !== 'all' && test.op !== 'any') {
    const narrowed = narrow(region, test, wanted, state.space)
    if (narrowed === region) return 'met'
    return narrowed === null ? 'closed' : 'open'
  }
  const looks = test.tests.map((each) => lookAt(region, { test: each, wanted }, state))
  const [decides, needsAll] =
    (test.op === 'all') === wanted ? (['closed', 'met'] as const) : (['met', 'closed'] as const)
  if (looks.includes(decides)) return decides
  return looks.every((look) => look === needsAll) ? needsAll : 'open'
}

type Leaf = Exclude<Test, { readonly op: 'all' | 'any' | 'not' }>

/** The part of a region in which a leaf is true (or false); null where nothing is left. */
function narrow(region: Region, leaf: Leaf, wanted: boolean, space: Space): Region | null {
  switch (leaf.op) {
    case 'true':
      return wanted ? region : null
    case 'false':
      return wanted ? null : region
    case 'unit-is':
      return chooseUnit(region, (unit) => (unit === leaf.unit) === wanted, space)
    case 'unit-in':
      return chooseUnit(
        region,
        (unit) => space.closureOf(unit).some((each) => leaf.units.includes(each)) === wanted,
        space,
      )
    case 'action-is':
      return chooseAmong(region, 'action', leaf.actions, wanted)
    case 'model-is':
      return chooseAmong(region, 'model', [leaf.model], wanted)
    case 'provider-in':
      return choose(region, 'model', (word) => leaf.providers.includes(space.providerOf(word)) === wanted)
    case 'word-is':
      return chooseAmong(region, leaf.attribute, leaf.words, wanted)
    case 'set-has':
      return setMember(region, leaf.attribute, leaf.word, wanted, space)
    case 'compare':
      return compare(region, leaf, wanted)
  }
}

/** Only these words, or all but them. Looks at every word of the region only where some go and some stay. */
function chooseAmong(
  region: Region,
  key: 'action' | 'model' | WordAttribute,
  words: readonly string[],
  wanted: boolean,
): Region | null {
  const inside = new Set(words.filter((word) => region[key].has(word)))
  const left = wanted ? inside.size : region[key].size - inside.size
  if (left === 0) return null
  return left === region[key].size ? region : choose(region, key, (word) => inside.has(word) === wanted)
}

function choose(
  region: Region,
  key: 'unit' | 'action' | 'model' | WordAttribute,
  accept: (word: string) => boolean,
): Region | null {
  const left = [...region[key]].filter(accept)
  if (left.length === 0) return null
  return left.length === region[key].size ? region : { ...region, [key]: new Set(left) }
}

function chooseUnit(region: Region, accept: (unit: string) => boolean, space: Space): Region | null {
  return withinChain(choose(region, 'unit', accept), space)
}

function setMember(
  region: Region,
  key: SetAttribute,
  word: string,
  wanted: boolean,
  space: Space,
): Region | null {
  const { has, not } = region[key]
  if ((wanted ? not : has).has(word)) return null
  if ((wanted ? has : not).has(word)) return region
  const membership: Membership = wanted
    ? { has: new Set([...has, word]), not }
    : { has, not: new Set([...not, word]) }
  const narrowed = { ...region, [key]: membership }
  if (key !== 'chain') return narrowed
  const stands = (unit: string): boolean => !space.closureOf(unit).includes(word)
  if (!wanted) return [...has].every(stands) ? choose(narrowed, 'unit', stands) : null
  return space.closureOf(word).some((each) => not.has(each)) ? null : narrowed
}

/** A chain holds the ancestors of all its members and of the unit: none of them may be ruled out. */
function withinChain(region: Region | null, space: Space): Region | null {
  if (region === null) return null
  const { has, not } = region.chain
  if (not.size === 0) return region
  const clear = (unit: string): boolean => !space.closureOf(unit).some((each) => not.has(each))
  if (![...has].every(clear)) return null
  return choose(region, 'unit', clear)
}

function compare(region: Region, leaf: Extract<Test, { op: 'compare' }>, wanted: boolean): Region | null {
  const { min, max, not } = region[leaf.attribute]
  const { value } = leaf
  const [low, high, hole] = boundsOf(leaf, wanted)
  const interval: Interval = {
    min: Math.max(min, low ?? min),
    max: Math.min(max, high ?? max),
    not: hole ? new Set([...not, value]) : not,
  }
  if (isEmpty(interval)) return null
  const same = interval.min === min && interval.max === max && interval.not.size === not.size
  return same ? region : { ...region, [leaf.attribute]: interval }
}

function boundsOf(
  { comparison, value }: Extract<Test, { op: 'compare' }>,
  wanted: boolean,
): [low: number | null, high: number | null, hole: boolean] {
  switch (comparison) {
    case '==':
      return wanted ? [value, value, false] : [null, null, true]
    case '!=':
      return wanted ? [null, null, true] : [value, value, false]
    case '<':
      return wanted ? [null, value - 1, false] : [value, null, false]
    case '<=':
      return wanted ? [null, value, false] : [value + 1, null, false]
    case '>':
      return wanted ? [value + 1, null, false] : [null, value, false]
    case '>=':
      return wanted ? [value, null, false] : [null, value - 1, false]
  }
}

function isEmpty({ min, max, not }: Interval): boolean {
  if (min > max) return true
  if (max - min >= not.size) return false
  for (let value = min; value <= max; value++) if (!not.has(value)) return false
  return true
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const list = [...items]
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [list[i], list[j]]
    if (a === undefined || b === undefined) continue
    list[i] = b
    list[j] = a
  }
  return list
}

export function spaceOf(
  vocabulary: Vocabulary,
  ancestors: ReadonlyMap<string, readonly string[]>,
  models: readonly { readonly id: string; readonly provider: string }[],
): Space {
  const providers = new Map(models.map((model) => [model.id, model.provider]))
  return {
    vocabulary,
    closureOf: (unit) => ancestors.get(unit) ?? [unit],
    providerOf: (model) => providers.get(model) ?? model,
  }
}
