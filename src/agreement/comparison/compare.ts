/** Compares two versions: where decisions change, by which clauses, and which lines of the schedule. Exact. */
import { invariant } from '../../base/index.ts'
import type { Agreement } from '../agreement.ts'
import { BoxCutter } from './boxes.ts'
import { changesOf } from './changes.ts'
import type { Change, Changes } from './changes.ts'
import type { ChangedRegion, Comparison, ComparisonVerdict, Side, TermChange } from './comparison.ts'
import { changeOf, verdictOf } from './outcomes.ts'
import { plainnessOf } from './plainness.ts'
import type { Plainness } from './plainness.ts'
import { ruleDiagramsOf } from './rule-diagrams.ts'
import type { RuleDiagram, RuleDiagrams } from './rule-diagrams.ts'
import { scheduleChanges } from './schedule-changes.ts'
import type { Situation } from './situation-box.ts'
import { situationReader } from './variables.ts'
import { situationBox } from './write-box.ts'

/** Steps for boxes beyond the first of each region: what is shown, and nothing that the verdict rests on. */
const furtherBoxesStepsMax = 12_000_000

export interface ComparisonLimits {
  /** Children of nodes that are looked at, five to thirty million in a second. */
  readonly stepsMax?: number
}

/**
 * Compares the decisions of two versions in every situation that can be, and the lines of their schedules. Pure, and
 * the same on every machine: the bound counts steps and not time.
 *
 * Throws `COMPARISON_LIMIT` where the versions differ in too many ways to compare within the bound. Whoever asks
 * whether an amendment loosens must then take it that it does.
 */
export function compareAgreements(
  before: Agreement,
  after: Agreement,
  { stepsMax = 120_000_000 }: ComparisonLimits = {},
): Comparison {
  const rules = ruleDiagramsOf(before, after, stepsMax)
  const changes = changesOf(rules)
  const plainness = plainnessOf(rules.variables, before, after)
  const cutter = new BoxCutter(rules.diagrams, rules.variables, plainness)
  const common = situationBox(cutter.around(changes.possible), rules.variables)
  const cutting: Cutting = { ...rules, changes, plainness, cutter, stepsMax }
  const regions = inOrder(regionsOf(cutting), before, after)
  const terms = scheduleChanges(before, after)
  return {
    verdict: verdictOfAll([...regions, ...terms]),
    regions,
    common,
    terms,
    textChanged: before.text !== after.text,
  }
}

function verdictOfAll(changes: readonly Pick<TermChange, 'change'>[]): ComparisonVerdict {
  const has = (change: TermChange['change']): boolean => changes.some((each) => each.change === change)
  const stronger = has('stronger') || has('both')
  const weaker = has('weaker') || has('both')
  return stronger && weaker ? 'both' : stronger ? 'stronger' : weaker ? 'weaker' : 'equivalent'
}

interface Cutting extends RuleDiagrams {
  readonly changes: Changes
  readonly plainness: Plainness
  readonly cutter: BoxCutter
  readonly stepsMax: number
}

function regionsOf(cutting: Cutting): ChangedRegion[] {
  const { variables, diagrams, changes, plainness, cutter, stepsMax } = cutting
  const placeOf = changeFinder(cutting)
  // Further boxes take a part of what is left, so that every region gets its first one.
  const stopAt = diagrams.steps + Math.min(furtherBoxesStepsMax, (stepsMax - diagrams.steps) / 4)
  return changes.list.map((change, place): ChangedRegion => {
    const mayGoOn = (): boolean => diagrams.steps < stopAt
    const { boxes, covered } = cutter.cut(change.where, change.where, mayGoOn)
    const essence = cutter.cut(change.where, change.alike, mayGoOn)
    const [first] = boxes
    invariant(first !== undefined, 'a change is somewhere')
    return {
      change: changeOf(change.before, change.after),
      before: sideAt(change.before, cutting.before, first.witness, cutting),
      after: sideAt(change.after, cutting.after, first.witness, cutting),
      boxes: boxes.map(({ box }) => situationBox(box, variables)),
      covered,
      essence: essence.boxes.map(({ box }) =>
        situationBox(cutter.withoutIdle(box, change.decides), variables),
      ),
      told: essence.covered,
      witness: plainness.situationOf(first.witness),
      contains: (situation) => placeOf(situation) === place,
    }
  })
}

/** Finds the change that a situation is of, by its place; −1 for none. */
function changeFinder({ variables, diagrams, changes }: Cutting): (situation: Situation) => number {
  const read = situationReader(variables)
  // One region after the other is asked about the same situation.
  let last: { readonly situation: Situation; readonly place: number } | null = null
  return function findChange(situation) {
    if (last?.situation === situation) return last.place
    const values = read(situation)
    last = { situation, place: values === null ? -1 : diagrams.valueAt(changes.whole, values) - 1 }
    return last.place
  }
}

/** The side with its rules where the variables have these values: that which says so first, and all that wait. */
function sideAt(
  side: Change['before'],
  rules: readonly RuleDiagram[],
  values: Int32Array,
  { diagrams }: RuleDiagrams,
): Side {
  const saying = rules
    .filter(
      ({ rule, applies }) => verdictOf(rule) === side.verdict && diagrams.valueAt(applies, values) === 1,
    )
    .map(({ rule }) => rule.id)
  return {
    ...side,
    rule: saying[0] ?? 'system.no-grant#default',
    waiting: side.verdict === 'hold' ? saying : [],
  }
}

function inOrder(regions: readonly ChangedRegion[], before: Agreement, after: Agreement): ChangedRegion[] {
  const [first, second] = [before, after].map(
    ({ clauses }) => new Map([...clauses.keys()].map((clause, place) => [clause, place])),
  )
  return regions.toSorted(
    (a, b) =>
      clausePlace(a.before, first) - clausePlace(b.before, first) ||
      clausePlace(a.after, second) - clausePlace(b.after, second) ||
      compareText(keyOf(a), keyOf(b)),
  )
}

function clausePlace({ clause }: Side, places: ReadonlyMap<string, number> = new Map()): number {
  return places.get(clause) ?? places.size
}

function keyOf({ before, after }: ChangedRegion): string {
  return JSON.stringify([before.verdict, before.asks, after.verdict, after.asks])
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
