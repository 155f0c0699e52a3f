/** Weak phrases in the prose that the parties sign, headings included. */
import type { Agreement } from '../agreement.ts'
import type { Severity } from '../diagnostic.ts'
import type { ProseRun } from '../read-clauses.ts'
import type { AgreementSource } from '../read-agreement.ts'
import type { Report } from '../report.ts'
import type { Rule } from '../rule.ts'
import { isUnder } from './clause-numbers.ts'
import { phraseLength } from './phrase-pattern.ts'
import type { PhrasePattern } from './phrase-pattern.ts'
import { proseWords } from './prose-words.ts'
import { weakPhrases } from './weak-phrases.ts'
import type { WeakPhrase } from './weak-phrases.ts'

interface Candidate {
  readonly phrase: WeakPhrase
  readonly pattern: PhrasePattern
}

/** By their first word. */
type Candidates = ReadonlyMap<string, readonly Candidate[]>

/** `unbounded` are the grants that no prohibition overrides in every case. */
export function lintPhrases(
  { agreement, prose }: AgreementSource,
  unbounded: readonly Rule[],
  report: Report,
): void {
  const open = weakPhrases.filter(({ isSettled }) => isSettled?.(agreement.schedule) !== true)
  const candidates = candidatesOf(open)
  for (const run of prose) {
    for (const { phrase, at, end } of phrasesIn(run, candidates)) {
      const said = agreement.text.slice(at, end).replace(/[*_`]/g, '').replace(/\s+/g, ' ')
      report({
        code: phrase.code,
        severity: severityOf(phrase, run.clause, agreement, unbounded),
        at,
        clause: run.clause,
        message: `\`${said}\` ${phrase.why}`,
        help: phrase.help,
      })
    }
  }
}

function candidatesOf(phrases: readonly WeakPhrase[]): Candidates {
  const candidates = new Map<string, Candidate[]>()
  for (const phrase of phrases) {
    for (const pattern of phrase.patterns) {
      const [first] = pattern
      if (first === undefined || typeof first === 'number') continue
      for (const word of first) {
        const list = candidates.get(word) ?? []
        candidates.set(word, list)
        list.push({ phrase, pattern })
      }
    }
  }
  return candidates
}

interface Found {
  readonly phrase: WeakPhrase
  readonly at: number
  readonly end: number
}

/** Each phrase once: what lies within one that was found already is not said again. */
function phrasesIn({ lines }: ProseRun, candidates: Candidates): Found[] {
  const words = proseWords(lines)
  const found: Found[] = []
  const until = new Map<string, number>()
  for (const [i, word] of words.entries()) {
    for (const { phrase, pattern } of candidates.get(word.text) ?? []) {
      if (i < (until.get(phrase.code) ?? 0)) continue
      const length = phraseLength(words, i, pattern)
      const last = words[i + length - 1]
      if (length === 0 || last === undefined) continue
      until.set(phrase.code, i + length)
      found.push({ phrase, at: word.at, end: last.end })
    }
  }
  return found
}

/** A grant in general words is bearable where a prohibition overrides it in every case. */
function severityOf(
  phrase: WeakPhrase,
  clause: string | undefined,
  { rules }: Agreement,
  unbounded: readonly Rule[],
): Severity {
  if (phrase.code !== 'LINT_ALL_LAWFUL') return phrase.severity
  const permits = rules.filter((rule) => rule.effect === 'permit')
  const here = permits.filter((rule) => clause !== undefined && isUnder(rule.clause, clause))
  const meant = here.length > 0 ? here : permits
  return meant.some((rule) => unbounded.includes(rule)) ? 'error' : 'warning'
}
