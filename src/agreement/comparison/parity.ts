/**
 * Whether two providers are held to the same terms: the rules are asked about a model of the one and a model of the
 * other as if nothing else had changed, exactly and over every situation there is.
 */
import type { Agreement } from '../agreement.ts'
import type { Test } from '../rule.ts'
import { unlisted } from '../schedule.ts'
import type { Comparison, TermChange } from './comparison.ts'
import { compareAgreements } from './compare.ts'
import { scheduleChanges } from './schedule-changes.ts'

/** One provider under one agreement. */
export interface ProviderTerms {
  readonly agreement: Agreement
  readonly provider: string
}

/** What the rules make of putting one model in the place of another. */
export interface ModelPair {
  readonly a: string
  readonly b: string
  /** What the rules are asked about: `a` and `b`, or `unlisted`, as which a model counts that no route leads to. */
  readonly asked: { readonly before: string; readonly after: string }
  /** Where a decision differs; `before` is what the first meets, `after` the second. */
  readonly comparison: Comparison
}

export interface Parity {
  /**
   * Each model of either provider has one of the other that no decision tells from it, and no term of the schedules
   * differs but names, routes, prices and who signs.
   */
  readonly same: boolean
  /** Every model of the one with every model of the other. */
  readonly pairs: readonly ModelPair[]
  /** Models that have no counterpart. */
  readonly alone: readonly string[]
  /** Terms of the schedules that differ; none where both providers stand in one agreement. */
  readonly terms: readonly TermChange[]
}

/** Lines that name who is who: they differ between two providers and bind neither more than the other. */
const naming = /^(?:id|version|previous|title|parties|providers|models|versions|routes)(?:\/|$)/

/** Throws `COMPARISON_LIMIT` like `compareAgreements`. */
export function compareProviders(a: ProviderTerms, b: ProviderTerms): Parity {
  const pairs = modelsOf(a).flatMap((model) =>
    modelsOf(b).map((other): ModelPair => {
      const asked = { before: reached(a.agreement, model), after: reached(b.agreement, other) }
      const [before, after] = [withModel(a.agreement, asked.before), withModel(b.agreement, asked.after)]
      return { a: model, b: other, asked, comparison: compareAgreements(before, after) }
    }),
  )
  const alone = [
    ...modelsOf(a).filter((model) => !pairs.some((pair) => pair.a === model && isSame(pair))),
    ...modelsOf(b).filter((model) => !pairs.some((pair) => pair.b === model && isSame(pair))),
  ]
  const terms = termsBetween(a.agreement, b.agreement)
  return { same: alone.length === 0 && terms.length === 0, pairs, alone, terms }
}

function isSame({ comparison }: ModelPair): boolean {
  return comparison.regions.length === 0
}

function modelsOf({ agreement, provider }: ProviderTerms): string[] {
  return agreement.schedule.models.filter((model) => model.provider === provider).map(({ id }) => id)
}

function reached({ schedule }: Agreement, model: string): string {
  return schedule.routes.some((route) => route.model === model) ? model : unlisted
}

function termsBetween(a: Agreement, b: Agreement): TermChange[] {
  return scheduleChanges(a, b).filter(({ change, line }) => change !== 'neutral' && !naming.test(line))
}

/** The agreement as its rules read where this model is asked: what they say of models is said of it. */
function withModel(agreement: Agreement, model: string): Agreement {
  const provider = agreement.schedule.models.find(({ id }) => id === model)?.provider ?? unlisted
  const rules = agreement.rules.map((rule) => ({ ...rule, test: settle(rule.test, model, provider) }))
  return { ...agreement, rules }
}

function settle(test: Test, model: string, provider: string): Test {
  switch (test.op) {
    case 'all':
    case 'any':
      return { op: test.op, tests: test.tests.map((part) => settle(part, model, provider)) }
    case 'not':
      return { op: 'not', test: settle(test.test, model, provider) }
    case 'model-is':
      return { op: test.model === model ? 'true' : 'false' }
    case 'provider-in':
      return { op: test.providers.includes(provider) ? 'true' : 'false' }
    case 'true':
    case 'false':
    case 'unit-is':
    case 'unit-in':
    case 'action-is':
    case 'word-is':
    case 'set-has':
    case 'compare':
      return test
  }
}
