/** What is well formed and still surely not meant. */
import type { Agreement } from './agreement.ts'
import { findRegion, spaceOf } from './region.ts'
import type { SchedulePlaces } from './read-schedule.ts'
import { wordsOf } from './read-rules.ts'
import type { Report } from './report.ts'
import type { Vocabulary } from './vocabulary.ts'

export function lintRules(
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
  lintImpossible(agreement, vocabulary, places, report)
  lintUnused(agreement, vocabulary, lines, report)
}

/** A rule that no situation can meet stands in the text and does nothing. */
function lintImpossible(
  { rules, ancestors, schedule }: Agreement,
  vocabulary: Vocabulary,
  places: ReadonlyMap<string, number>,
  report: Report,
): void {
  const space = spaceOf(vocabulary, ancestors, schedule.models)
  for (const rule of rules) {
    const at = places.get(rule.id)
    if (at === undefined) continue
    const { found } = findRegion(space, [rule.test], [])
    if (found === 'none') {
      const message = 'no call can ever meet this rule'
      const help = 'look for two conditions that exclude each other'
      report({ code: 'AGREEMENT_RULE_IMPOSSIBLE', at, clause: rule.clause, message, help })
    } else if (found === 'unknown') {
      const message = 'it could not be shown that some call can meet this rule'
      const help = 'write several rules with fewer alternatives'
      report({ code: 'AGREEMENT_RULE_UNPROVED', at, clause: rule.clause, message, help })
    }
  }
}

/** A signal that no rule speaks of is found and then ignored; a level that no rule asks for is never asked. */
function lintUnused(
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
