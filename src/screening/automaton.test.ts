import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isErrorCode } from '../base/index.ts'
import { buildAutomaton } from './automaton.ts'
import type { Term } from './automaton.ts'

/** Groups and ends of all terms in ` ${text} `. */
function scan(terms: readonly Term[], text: string): string[] {
  const automaton = buildAutomaton(terms)
  let state = automaton.initial
  const found: string[] = []
  for (const [index, char] of Array.from(`${text} `).entries()) {
    state = automaton.next(state, char.codePointAt(0) ?? 0)
    if (automaton.hits(state)) automaton.forEachHit(state, (group) => found.push(`${group}@${index}`))
  }
  return found.sort()
}

function scanPlainly(terms: readonly Term[], text: string): string[] {
  const padded = ` ${text} `
  const found: string[] = []
  for (const { group, text: words, stem } of terms) {
    const sought = stem ? ` ${words}` : ` ${words} `
    for (let at = padded.indexOf(sought); at !== -1; at = padded.indexOf(sought, at + 1)) {
      found.push(`${group}@${at + sought.length - 2}`)
    }
  }
  return found.sort()
}

describe('buildAutomaton', () => {
  const words = fc
    .array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((parts) => parts.join(' '))

  test('finds what a plain search finds', () => {
    const term = fc.record({ group: fc.nat({ max: 3 }), text: words, stem: fc.boolean() })
    fc.assert(
      fc.property(fc.array(term, { maxLength: 8 }), fc.array(words, { maxLength: 12 }), (terms, text) => {
        const joined = text.join(' ')
        assert.deepEqual(scan(terms, joined), scanPlainly(terms, joined))
      }),
    )
  })

  test('depth counts the characters that a term still to be completed begins with', () => {
    const automaton = buildAutomaton([{ group: 0, text: 'ab ac', stem: false }])
    let state = automaton.initial
    const depths = Array.from('ab ab ac x', (char) => {
      state = automaton.next(state, char.charCodeAt(0))
      return automaton.depth(state)
    })
    assert.deepEqual(depths, [2, 3, 4, 5, 3, 4, 5, 6, 1, 0])
  })

  test('refuses more terms than the table may hold', () => {
    const terms = Array.from({ length: 3_000 }, (_, index) => ({
      group: 0,
      text: String.fromCodePoint(0x5000 + index).repeat(3),
      stem: false,
    }))
    assert.throws(
      () => buildAutomaton(terms),
      (thrown) => isErrorCode(thrown, 'SCREENING_PHRASE'),
    )
  })
})
