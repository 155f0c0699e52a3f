/**
 * What lint asks of the rules: whether some call that can happen meets these tests and none of those. All questions
 * about one agreement share one budget, so that no agreement takes longer than it may; what it does not suffice for
 * stays open, and lint says so.
 */
import type { AgreementSource } from '../read-agreement.ts'
import { findRegion, spaceOf } from '../region.ts'
import type { Region, Search } from '../region.ts'
import type { Rule, Test } from '../rule.ts'
import { situationsOf } from '../situations.ts'

export interface CallSearch {
  /** `only` narrows what is searched; by default nothing. */
  find(met: readonly Test[], unmet?: readonly Test[], only?: Partial<Region>): Search
  /** Which of these units, or purposes, such a call can have under one of the rules. */
  reached(
    key: 'unit' | 'purpose',
    words: ReadonlySet<string>,
    rules: readonly Rule[],
    unmet: readonly Test[],
  ): Set<string>
  /** Whether some question stayed open. */
  isUnfinished(): boolean
}

/** Words looked at over all searches; a step of a search looks at every word of one list. */
const wordsMax = 100_000_000
/** Of one search. */
const stepsMax = 5_000

export function callSearch({ agreement, vocabulary }: AgreementSource): CallSearch {
  const space = spaceOf(vocabulary, agreement.ancestors, agreement.schedule.models)
  const situations = situationsOf(space, agreement.schedule)
  const words = Math.max(...Object.values(vocabulary.all).map((each) => each.size))
  const budget = { steps: Math.ceil(wordsMax / (words + 50)) }
  let unfinished = false

  function findWithin(within: Region, met: readonly Test[], unmet: readonly Test[]): Search {
    const search: Search =
      budget.steps > 0 ? findRegion(space, met, unmet, { within, stepsMax, budget }) : { found: 'unknown' }
    unfinished ||= search.found === 'unknown'
    return search
  }

  function find(met: readonly Test[], unmet: readonly Test[] = [], only: Partial<Region> = {}): Search {
    let open: Search = { found: 'none' }
    for (const situation of situations) {
      const search = findWithin({ ...situation, ...only }, met, unmet)
      if (search.found === 'region') return search
      if (search.found === 'unknown') open = search
    }
    return open
  }

  return {
    find,
    // A region that is found holds all words that are alike in it, so that few searches find many.
    reached(key, words, rules, unmet) {
      const reached = new Set<string>()
      let left = words
      for (const { test } of rules) {
        while (left.size > 0) {
          const search = find([test], unmet, { [key]: left })
          if (search.found !== 'region') break
          for (const word of search.region[key]) reached.add(word)
          left = new Set([...left].filter((word) => !reached.has(word)))
        }
      }
      return reached
    },
    isUnfinished: () => unfinished,
  }
}
