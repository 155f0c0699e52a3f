/**
 * Grants that no prohibition overrides in every case.
 *
 * A prohibition is unconditional for a grant where one word alone brings it about: a finding, an origin of data, a
 * class of act, a purpose or a consumer. Whatever call of that grant has the word is refused, whoever asks, whatever
 * else is so, and no approval lifts it. A prohibition that needs two things to come together is none, for whoever
 * leaves one of them out passes; and one that only closes a unit or a model limits who, and not what for.
 */
import type { AgreementSource } from '../read-agreement.ts'
import { wordsOf } from '../read-rules.ts'
import type { Report } from '../report.ts'
import type { Rule, Test } from '../rule.ts'
import type { Vocabulary } from '../vocabulary.ts'
import type { CallSearch } from './search.ts'

/** One word that may bring a prohibition about, and the prohibitions that speak of it. */
interface Ground {
  readonly test: Test
  readonly prohibition: Rule
}

export function unboundedGrants(source: AgreementSource, search: CallSearch): Rule[] {
  const { agreement, rulePlaces, vocabulary } = source
  const written = agreement.rules.filter(({ id }) => rulePlaces.has(id))
  const prohibitions = written
    .filter(({ effect, liftedBy }) => effect === 'forbid' && liftedBy.length === 0)
    .map((rule) => ({ rule, words: wordsOf(rule.test).length }))
    .toSorted((a, b) => a.words - b.words)
    .map(({ rule }) => rule)
  const grounds = prohibitions.flatMap((prohibition) =>
    groundsOf(prohibition.test, vocabulary).map((test): Ground => ({ test, prohibition })),
  )
  const grants = written.filter(({ effect }) => effect === 'permit')
  return grants.filter((grant) => !grounds.some((ground) => overrides(ground, grant, search)))
}

/** What is not shown counts as not so. */
function overrides({ test, prohibition }: Ground, grant: Rule, search: CallSearch): boolean {
  const escapes = search.find([grant.test, test], [prohibition.test])
  return escapes.found === 'none' && search.find([grant.test, test]).found === 'region'
}

function groundsOf(test: Test, { listed }: Vocabulary): Test[] {
  const said = wordsOf(test)
  const types = new Set(said.map(([type]) => type))
  const members = new Set(said.map(([type, word]) => `${type}/${word}`))
  const has = (type: 'Signal' | 'Provenance', word: string): boolean => members.has(`${type}/${word}`)
  return [
    ...listed.Signal.filter((word) => has('Signal', word)).map((word): Test => ({
      op: 'set-has',
      attribute: 'findings',
      word,
    })),
    ...listed.Provenance.filter((word) => has('Provenance', word)).map((word): Test => ({
      op: 'set-has',
      attribute: 'provenance',
      word,
    })),
    ...(types.has('Action') ? listed.Action : []).map((word): Test => ({ op: 'action-is', actions: [word] })),
    ...(types.has('Purpose') ? listed.Purpose : []).map((word): Test => ({
      op: 'word-is',
      attribute: 'purpose',
      words: [word],
    })),
    ...(types.has('Consumer') ? listed.Consumer : []).map((word): Test => ({
      op: 'word-is',
      attribute: 'consumer',
      words: [word],
    })),
  ]
}

export function lintGrants(
  { rulePlaces }: AgreementSource,
  unbounded: readonly Rule[],
  report: Report,
): void {
  for (const { id, clause } of unbounded) {
    report({
      code: 'LINT_GRANT_UNBOUNDED',
      severity: 'warning',
      at: rulePlaces.get(id) ?? 0,
      clause,
      message: 'no prohibition overrides this grant in every case',
      help: 'write a forbid that one finding, origin, act, purpose or consumer alone brings about, without `unless`',
    })
  }
}
