/** What is well formed and still surely not meant: rules that do nothing or everything, words that nobody uses. */
import type { Agreement } from './agreement.ts'
import { mistakeInPhrase } from './phrase.ts'
import { findRegion, spaceOf } from './region.ts'
import type { Region, Search, Space } from './region.ts'
import type { SchedulePlaces } from './read-schedule.ts'
import { wordsOf } from './read-rules.ts'
import type { Mistake, Report } from './report.ts'
import type { Rule } from './rule.ts'
import type { Schedule } from './schedule.ts'
import { situationsOf } from './situations.ts'
import type { Vocabulary } from './vocabulary.ts'

export function checkRules(
  agreement: Agreement,
  vocabulary: Vocabulary,
  places: ReadonlyMap<string, number>,
  lines: SchedulePlaces,
  report: Report,
): void {
  for (const rule of agreement.rules) {
    if (rule.effect !== 'permit' || rule.test.op !== 'true') continue
    report({
      code: 'AGREEMENT_BLANKET_PERMIT',
      severity: 'warning',
      at: places.get(rule.id) ?? 0,
      clause: rule.clause,
      message: 'this permits everything that no rule forbids',
      help: 'name the units, actions and purposes that are granted',
    })
  }
  checkImpossible(agreement, vocabulary, places, report)
  checkUnused(agreement, vocabulary, lines, report)
  checkPersons(agreement, lines, report)
  checkPhrases(agreement, lines, report)
}

/** A phrase that cannot be listened for would keep the agreement from coming into force. */
function checkPhrases({ schedule, text }: Agreement, lines: SchedulePlaces, report: Report): void {
  for (const { id, clause, phrases = [] } of schedule.signals) {
    let from = lines.lines.get(`signals/${id}`) ?? 0
    for (const phrase of phrases) {
      // Written with escapes, a phrase is not found as it stands; then the one before it is the place to look.
      const found = text.indexOf(phrase, from)
      const at = found >= 0 ? found : from
      from = found >= 0 ? found + phrase.length : from
      const mistake = mistakeInPhrase(phrase)
      if (mistake !== null) report({ code: 'AGREEMENT_VALUE', at, clause, ...mistake })
    }
  }
}

/** A rule that makes no difference in any situation that can happen stands in the text and does nothing. */
function checkImpossible(
  { rules, ancestors, schedule }: Agreement,
  vocabulary: Vocabulary,
  places: ReadonlyMap<string, number>,
  report: Report,
): void {
  const space = spaceOf(vocabulary, ancestors, schedule.models)
  const generated = rules.filter((rule) => !places.has(rule.id))
  const open = situationsLeftBy(generated, space, schedule)
  // Where the schedule lets nothing happen, that is the schedule's mistake and not each rule's.
  const regions = open.length > 0 ? open : [undefined]
  const reasons = reasonsFor(generated, space, schedule)
  for (const rule of rules) {
    const at = places.get(rule.id)
    if (at === undefined) continue
    const found = findWithin(regions, rule, space)
    if (found === 'none') {
      const { why } = reasons.find((each) => findWithin(each.regions, rule, space) === 'none') ?? byExclusion
      report({ code: 'AGREEMENT_RULE_IMPOSSIBLE', at, clause: rule.clause, ...why })
    } else if (found === 'unknown') {
      const message = 'it could not be shown that some call can meet this rule'
      const help = 'write several rules with fewer alternatives'
      report({ code: 'AGREEMENT_RULE_UNPROVED', at, clause: rule.clause, message, help })
    }
  }
}

/** Regions to search; `undefined` stands for every situation there is. */
type Regions = readonly (Region | undefined)[]

function findWithin(regions: Regions, rule: Rule, space: Space): Search['found'] {
  const searches = regions.map(
    (within) => findRegion(space, [rule.test], [], within === undefined ? {} : { within }).found,
  )
  return (
    searches.find((found) => found === 'region') ?? searches.find((found) => found === 'unknown') ?? 'none'
  )
}

function situationsLeftBy(generated: readonly Rule[], space: Space, schedule: Schedule): Region[] {
  const forbidden = generated.map(({ test }) => test)
  return situationsOf(space, schedule, forbidden)
}

/** Why a rule can be impossible: it is so where none of the regions meets it. The first reason is the one to name. */
interface Reason {
  readonly regions: Regions
  readonly why: Pick<Mistake, 'message' | 'help' | 'severity'>
}

function reasonsFor(generated: readonly Rule[], space: Space, schedule: Schedule): Reason[] {
  const never = 'no call can ever meet this rule'
  const lasting = generated.filter(({ id }) => !id.includes('#exclusion:'))
  const covered = (by: string, rules: readonly Rule[]): Reason => ({
    regions: situationsLeftBy(rules, space, schedule),
    why: {
      message: `whatever meets this rule is already forbidden by ${by}`,
      help: 'the schedule itself forbids what lies outside the term or above the money: correct the rule, or take it out',
    },
  })
  return [
    {
      regions: [undefined],
      why: { message: never, help: 'look for two conditions that exclude each other' },
    },
    {
      regions: situationsLeftBy([], space, schedule),
      why: {
        message: never,
        help: 'at the stages `request` and `answer` the action is `generate`; at stage `tool` it is the class of a listed tool: correct stage or action, or list the tool',
      },
    },
    ...lasting.map((rule) => covered(`\`${rule.id}\``, [rule])),
    covered('the schedule', lasting),
  ]
}

/** An exclusion may be added, and unlocked again, while the rules beside it stay as they are. */
const byExclusion: Pick<Reason, 'why'> = {
  why: {
    severity: 'warning',
    message: 'whatever meets this rule is already forbidden by an exclusion',
    help: 'take the rule out, or the exclusion where it should no longer hold',
  },
}

/** A signal that no rule speaks of is found and then ignored; a level that no rule asks for is never asked. */
function checkUnused(
  { rules, schedule }: Agreement,
  vocabulary: Vocabulary,
  lines: SchedulePlaces,
  report: Report,
): void {
  const used = new Set(rules.flatMap((rule) => wordsOf(rule.test).map(([type, word]) => `${type}/${word}`)))
  const asked = new Set(rules.flatMap((rule) => rule.liftedBy))
  const unusedSignals = vocabulary.listed.Signal.filter((signal) => !used.has(`Signal/${signal}`))
  const unusedLevels = vocabulary.listed.Level.filter((level) => !asked.has(level))
  for (const [list, ids] of [
    ['signals', unusedSignals],
    ['levels', unusedLevels],
  ] as const) {
    for (const id of ids) {
      report({
        code: 'AGREEMENT_UNUSED_WORD',
        severity: 'warning',
        at: lines.lines.get(`${list}/${id}`) ?? 0,
        clause: schedule[list].find((line) => line.id === id)?.clause,
        message: `no rule speaks of \`${id}\``,
        help: 'write the rule, or take the line out of the schedule',
      })
    }
  }
}

const numbers = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']

/** Whoever reads `Two officials` expects two, and the gateway would let one approve. */
function checkPersons({ schedule }: Agreement, lines: SchedulePlaces, report: Report): void {
  for (const { id, clause, title = '', persons } of schedule.levels) {
    const [word = ''] = /^[a-z]+/i.exec(title) ?? []
    const said = numbers.indexOf(word.toLowerCase()) + 2
    if (said <= persons) continue
    report({
      code: 'AGREEMENT_LEVEL_PERSONS',
      severity: 'warning',
      at: lines.lines.get(`levels/${id}`) ?? 0,
      clause,
      message: `\`${id}\` speaks of ${word.toLowerCase()}, and ${persons} of them would be enough`,
      help: `write \`persons: ${said}\`, or say in the title how many are asked`,
    })
  }
}
