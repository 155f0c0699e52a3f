/** Rules that make no difference in any situation that can happen: they stand in the text and do nothing. */
import type { Agreement } from './agreement.ts'
import { findRegion, spaceOf } from './region.ts'
import type { Region, Search } from './region.ts'
import type { Mistake, Report } from './report.ts'
import type { Rule } from './rule.ts'
import type { Schedule } from './schedule.ts'
import { situationsOf } from './situations.ts'
import type { Vocabulary } from './vocabulary.ts'

export function checkImpossible(
  { rules, ancestors, schedule }: Agreement,
  vocabulary: Vocabulary,
  places: ReadonlyMap<string, number>,
  report: Report,
): void {
  const find = ruleSearch(vocabulary, ancestors, schedule)
  const generated = rules.filter((rule) => !places.has(rule.id))
  // Where the schedule lets nothing happen, that is the schedule's mistake and not each rule's.
  const isShut = find([], { without: generated }) === 'none'
  const where: Where = isShut ? { anywhere: true } : { without: generated }
  const reasons = reasonsFor(generated)
  for (const rule of rules) {
    const at = places.get(rule.id)
    if (at === undefined) continue
    const found = find([rule], where)
    if (found === 'region') continue
    const why = found === 'none' ? reasonWhy(rule, reasons, find) : unproved
    report({ ...why, at, clause: rule.clause })
  }
}

/** Which situations count: any at all, or those that can happen and that none of these rules forbids. */
type Where = { readonly anywhere: true } | { readonly without: readonly Rule[] }

/** Whether some situation meets all of the rules. */
type RuleSearch = (rules: readonly Rule[], where: Where) => Search['found']

/** Words looked at over all searches for one agreement; a step of a search looks at every word of one list. */
const wordsMax = 400_000_000

function ruleSearch(
  vocabulary: Vocabulary,
  ancestors: Agreement['ancestors'],
  schedule: Pick<Schedule, 'models' | 'tools'>,
): RuleSearch {
  const space = spaceOf(vocabulary, ancestors, schedule.models)
  const situations = situationsOf(space, schedule)
  const words = Math.max(...Object.values(vocabulary.all).map((each) => each.size))
  const budget = { steps: Math.ceil(wordsMax / (words + 50)) }
  return (rules, where) => {
    const met = rules.map(({ test }) => test)
    const unmet = 'without' in where ? where.without.map(({ test }) => test) : []
    const regions: readonly (Region | undefined)[] = 'without' in where ? situations : [undefined]
    let found: Search['found'] = 'none'
    for (const within of regions) {
      if (budget.steps <= 0) return 'unknown'
      const search = findRegion(space, met, unmet, { budget, ...(within === undefined ? {} : { within }) })
      if (search.found === 'region') return 'region'
      if (search.found === 'unknown') found = 'unknown'
    }
    return found
  }
}

type Why = Pick<Mistake, 'code' | 'message' | 'help' | 'severity'>

/** Why a rule can be impossible: it is so where no such situation meets it. The first reason is the one to name. */
interface Reason {
  readonly where: Where
  readonly why: Why
}

/** INVARIANT: a reason that only warns is named only after every one that does not has been ruled out. */
function reasonWhy(rule: Rule, reasons: readonly Reason[], find: RuleSearch): Why {
  let sure = true
  for (const { where, why } of reasons) {
    const found = find([rule], where)
    if (found === 'none') return sure || why.severity !== 'warning' ? why : unproved
    sure &&= found === 'region'
  }
  return unproved
}

const code = 'AGREEMENT_RULE_IMPOSSIBLE'

const unproved: Why = {
  code: 'AGREEMENT_RULE_UNPROVED',
  message: 'it could not be shown that some call can meet this rule',
  help: 'write several rules with fewer alternatives',
}

function reasonsFor(generated: readonly Rule[]): Reason[] {
  const message = 'no call can ever meet this rule'
  const excluding = generated.filter(({ id }) => id.includes('#exclusion:'))
  const serving = generated.filter(({ id }) => /#(?:delegation|integrator):/.test(id))
  const lasting = generated.filter((rule) => !excluding.includes(rule) && !serving.includes(rule))
  const whole = { where: { without: lasting }, why: coveredBy('the schedule') }
  return [
    {
      where: { anywhere: true },
      why: { code, message, help: 'look for two conditions that exclude each other' },
    },
    { where: { without: [] }, why: { code, message, help: stageHelp } },
    ...lasting.map((rule) => ({ where: { without: [rule] }, why: coveredBy(`\`${rule.id}\``) })),
    whole,
    { where: { without: [...lasting, ...excluding] }, why: mayPass('an exclusion', 'the exclusion') },
    { where: { without: generated }, why: mayPass('a delegation or an integrator', 'that line') },
  ]
}

const stageHelp =
  'at the stages `request` and `answer` the action is `generate`; at stage `tool` it is the class of a listed tool: correct stage or action, or list the tool'

function coveredBy(what: string): Why {
  return {
    code,
    message: `whatever meets this rule is already forbidden by ${what}`,
    help: 'the schedule itself forbids what lies outside the term or above the money: correct the rule, or take it out',
  }
}

/** Such a line may be added, and taken out again, while the rules beside it stay as they are. */
function mayPass(what: string, line: string): Why {
  return {
    code,
    severity: 'warning',
    message: `whatever meets this rule is already forbidden by ${what}`,
    help: `take the rule out, or ${line} where it should no longer hold`,
  }
}
