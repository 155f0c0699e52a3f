/** Patterns: words that, standing close together, are taken as a signal. Text that people write, compiled once. */
import { ScreeningError } from './screening-error.ts'
import { buildAutomaton } from './automaton.ts'
import type { Automaton, Term } from './automaton.ts'
import { normalise } from './normaliser.ts'

/**
 * Holds when each group of `all` has a term in the text and these stand, in any order, within `within`
 * normalised characters from the beginning of the first to the end of the last. There is no way to say that a
 * word must be absent: more text never takes a finding away.
 *
 * A group is a list of terms separated by commas. A term is words that follow one another; `monitor*` also
 * takes any longer word, `track/s/ed/ing` takes the word alone and with each ending.
 */
export interface Pattern {
  readonly within: number
  readonly all: readonly string[]
}

/** What one signal listens for. */
export interface SignalPatterns {
  readonly signal: string
  readonly patterns: readonly Pattern[]
}

/** Each of the terms alone is enough. */
export function phrases(...terms: readonly string[]): Pattern {
  return { within: longestTerm, all: [terms.join(', ')] }
}

/** A term of every group, in any order, within so many normalised characters. */
export function near(within: number, ...groups: readonly string[]): Pattern {
  return { within, all: groups }
}

/** Normalised characters that a term may have. */
const longestTerm = 400

export interface CompiledPattern {
  readonly signal: string
  readonly within: number
  /** Indexes of groups; patterns that ask for the same words share a group. */
  readonly groups: readonly number[]
}

export interface CompiledPatterns {
  readonly automaton: Automaton
  readonly patterns: readonly CompiledPattern[]
  /** For each group the indexes of the patterns it is part of. */
  readonly patternsOf: readonly (readonly number[])[]
}

/** Throws `SCREENING_PHRASE` on a term that no text could contain. */
export function compilePatterns(sources: readonly SignalPatterns[]): CompiledPatterns {
  const groupIndex = new Map<string, number>()
  const terms: Term[] = []
  const patternsOf: number[][] = []
  const patterns: CompiledPattern[] = []
  for (const { signal, patterns: own } of sources) {
    for (const { within, all } of own) {
      const groups = all.map((group) => {
        const known = groupIndex.get(group)
        if (known !== undefined) return known
        const index = patternsOf.push([]) - 1
        groupIndex.set(group, index)
        terms.push(...parseGroup(group, index))
        return index
      })
      for (const group of new Set(groups)) patternsOf[group]?.push(patterns.length)
      patterns.push({ signal, within, groups })
    }
  }
  return { automaton: buildAutomaton(terms), patterns, patternsOf }
}

function parseGroup(group: string, index: number): Term[] {
  const unique = new Map<string, Term>()
  for (const written of group.split(',')) {
    for (const { text, stem } of expandTerm(written)) {
      unique.set(stem ? `${text}*` : text, { group: index, text, stem })
    }
  }
  return [...unique.values()]
}

/** Every reading of a term as written: one for each choice of endings. */
function expandTerm(written: string): { text: string; stem: boolean }[] {
  const stem = written.trimEnd().endsWith('*')
  let readings = ['']
  for (const word of written.trim().split(/\s+/)) {
    const [base = '', ...endings] = word.split('/')
    const forms = ['', ...endings].map((ending) => base + ending)
    readings = readings.flatMap((before) => forms.map((form) => `${before} ${form}`))
  }
  return readings.map((reading) => ({ text: requireWords(reading), stem }))
}

/**
 * A phrase that an agreement supplies, as a pattern of its own. It is taken word for word; only a `*` directly
 * after the last word has a meaning. Throws `SCREENING_PHRASE` if nothing is left of it.
 */
export function patternOfPhrase(phrase: string): Pattern {
  const stem = /[^\s*]\*\s*$/.test(phrase.slice(-8)) ? '*' : ''
  return { within: longestTerm, all: [requireWords(phrase) + stem] }
}

function requireWords(written: string): string {
  const text = normalise(written)
  if (text === '')
    throw new ScreeningError('SCREENING_PHRASE', 'a phrase to screen for holds no letter or digit')
  if (text.length > longestTerm) {
    throw new ScreeningError(
      'SCREENING_PHRASE',
      `a phrase to screen for is longer than ${longestTerm} characters`,
    )
  }
  return text
}
