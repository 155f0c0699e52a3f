/** What is well formed and still surely not meant: rules that do nothing or everything, words that nobody uses. */
import type { Agreement } from './agreement.ts'
import { checkImpossible } from './check-impossible.ts'
import { mistakeInPhrase } from './phrase.ts'
import type { SchedulePlaces } from './read-schedule.ts'
import { wordsOf } from './read-rules.ts'
import type { Report } from './report.ts'
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
