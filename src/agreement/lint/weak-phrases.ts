/**
 * Phrases that read like a limit and are none: the table. The reasons stand in docs/lint.md. English first, French
 * beside it; the words of a pattern are compared without case, over line breaks and emphasis.
 */
import type { Severity } from '../diagnostic.ts'
import type { Schedule } from '../schedule.ts'
import type { LintDiagnosticCode } from './lint-code.ts'
import { missingDuties } from './lint-duties.ts'
import { phrasePattern } from './phrase-pattern.ts'
import type { PhrasePattern } from './phrase-pattern.ts'

export interface WeakPhrase {
  readonly code: LintDiagnosticCode
  readonly severity: Severity
  readonly patterns: readonly PhrasePattern[]
  /** Follows the phrase in the message. */
  readonly why: string
  readonly help: string
  /** Whether the schedule says what the phrase leaves open. */
  readonly isSettled?: (schedule: Schedule) => boolean
}

function patterns(...texts: readonly string[]): readonly PhrasePattern[] {
  return texts.map(phrasePattern)
}

export const weakPhrases: readonly WeakPhrase[] = [
  {
    code: 'LINT_ALL_LAWFUL',
    severity: 'error',
    patterns: patterns(
      'all|any|every ~1 lawful|legal|legitimate ~1 purpose|purposes|use|uses|operation|operations',
      'lawful|legal operational use|uses|purpose|purposes',
      'all|any|every purpose|purposes|use|uses that|which is|are lawful|legal',
      'all|any|every|whatever ~3 law permits|allows',
      'all|any|every|whatever ~3 permitted|allowed by ~1 law',
      'tout|tous|toute|toutes ~1 usage|usages|fin|fins|utilisation|utilisations licite|licites|légale|légales|légal|légaux',
    ),
    why: 'moves the limit to whoever reads the law',
    help: 'grant listed purposes, or let a prohibition override the grant in every case',
  },
  {
    code: 'LINT_APPLICABLE_LAW',
    severity: 'warning',
    patterns: patterns(
      'applicable law|laws|regulation|regulations',
      'consistent with ~3 law|laws',
      'in accordance|compliance|conformity with ~3 law|laws',
      'as|extent|where permitted|allowed by ~2 law|laws',
      'except|unless ~3 permitted|allowed by ~2 law|laws',
      'except ~8 law|laws permit|permits|allow|allows',
      'conformément|conforme|conformes à|au|aux ~1 loi|lois|droit',
    ),
    why: 'pins no norm, and law permits bought data and incidental collection',
    help: 'list the norm with its edition in `norms`, and restate what it asks for as a test that can be observed',
  },
  {
    code: 'LINT_INTENT',
    severity: 'warning',
    patterns: patterns(
      'intentionally|intentional|deliberately|deliberate|knowingly|wilfully|willfully|purposely',
      'on purpose',
      'intentionnellement|intentionnel|intentionnelle|délibérément|délibéré|délibérée|sciemment',
    ),
    why: 'lets what happens by the way escape, and no gate reads intent',
    help: 'decide on effect; let intent only say what follows between the parties',
  },
  {
    code: 'LINT_UNCONSTRAINED',
    severity: 'warning',
    patterns: patterns(
      'unconstrained',
      'without any|a constraint|constraints',
      'without constraint|constraints',
      'sans contrainte|contraintes',
    ),
    why: 'is not defined, so that any constraint at all is enough',
    help: 'say what must be there: a selector, a purpose, a window of time, a budget of persons, who approves',
  },
  {
    code: 'LINT_PRIVATE_INFORMATION',
    severity: 'warning',
    patterns: patterns(
      'private|nonpublic information|data',
      'non public information|data',
      'information|informations|donnée|données privée|privées',
    ),
    why: 'leaves out what was bought, is public or was inferred',
    help: 'let the schedule protect all four: `protected: { data: [private, purchased, public, inferred], … }`',
    isSettled: ({ protected: scope }) => scope !== undefined && coversAllData(scope.data),
  },
  {
    code: 'LINT_CONTROL_CONDITIONAL',
    severity: 'error',
    patterns: patterns(
      'where|when|whenever|if|unless|whether|case|cases ~3 law|laws|statute|regulation|regulations|policy|directive|norm ~6 require|requires|required|demands|demand ~3 human|person|people|operator|official ~1 control|judgment|judgement|approval|decision|oversight|involvement',
      'where|when|whenever|if|unless ~2 human ~1 control|judgment|judgement|approval|decision|oversight|involvement is|are required|demanded|mandated',
      'as|so|the far|extent ~8 ask|asks|require|requires|demand|demands|call|calls ~3 person|human|people|official ~1 control|judgment|judgement|approval|decision|oversight',
      'insofar|inasmuch ~8 ask|asks|require|requires|demand|demands|call|calls ~3 person|human|people|official ~1 control|judgment|judgement|approval|decision|oversight',
      'lorsque|si|où|quand ~2 loi|droit|règlement|politique ~1 exige|requiert|impose|exigent|requièrent ~2 contrôle|décision|approbation|jugement humain|humaine',
    ),
    why: 'lets a person decide only where some norm happens to ask for one',
    help: 'let a person decide in every case of that class of act, or forbid the act in every case',
  },
  {
    code: 'LINT_COULD_TERMINATE',
    severity: 'warning',
    patterns: patterns(
      'could|can|may|might terminate',
      'could|can|may|might end|cancel|rescind the|this agreement|contract',
      'could|can|may|might be terminated',
      'peut|peuvent|pourrait|pourraient résilier',
    ),
    why: 'is no remedy while the schedule does not name suspension, notice, cure, wind-down and evidence',
    help: 'list them under `duties`, each with the clause that says how',
    isSettled: (schedule) => missingDuties(schedule).length === 0,
  },
  {
    code: 'LINT_AI_SYSTEM',
    severity: 'warning',
    patterns: patterns(
      'ai system|systems',
      'artificial intelligence system|systems',
      'système|systèmes d ia',
      'système|systèmes d intelligence artificielle',
    ),
    why: 'does not say which models, versions, routes and surfaces are meant',
    help: 'list providers, models, versions, routes and surfaces in the schedule',
    isSettled: ({ providers, models, versions, routes, surfaces }) =>
      [providers, models, versions, routes, surfaces].every((list) => list.length > 0),
  },
  {
    code: 'LINT_US_PERSONS',
    severity: 'warning',
    patterns: patterns(
      'u s person|persons|citizen|citizens|national|nationals',
      'us person|persons|citizen|citizens',
      'united states person|persons|citizen|citizens',
      'american person|persons|citizen|citizens',
      'personne|personnes|citoyen|citoyens américaine|américaines|américain|américains',
    ),
    why: 'leaves everybody else without protection',
    help: 'let the schedule protect everybody: `protected: { persons: all-natural-persons, … }`',
    isSettled: ({ protected: scope }) => scope?.persons === 'all-natural-persons',
  },
]

export function coversAllData(data: readonly string[]): boolean {
  return ['private', 'purchased', 'public', 'inferred'].every((each) => data.includes(each))
}
