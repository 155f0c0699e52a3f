/** From the text of an agreement to the compiled agreement, with the places of its parts for those who look closer. */
import { digestOf } from '../base/index.ts'
import type { Agreement, Clause } from './agreement.ts'
import { cedarSchema } from './cedar-schema.ts'
import { checkCharacters } from './check-characters.ts'
import { checkRules } from './check-rules.ts'
import { checkSchedule } from './check-schedule.ts'
import { generatedPolicies, systemClauses } from './generated-rules.ts'
import { limits } from './limits.ts'
import { readClauses } from './read-clauses.ts'
import type { ProseRun } from './read-clauses.ts'
import { readRules } from './read-rules.ts'
import { readSchedule } from './read-schedule.ts'
import type { ReadSchedule, SchedulePlaces } from './read-schedule.ts'
import type { Collector } from './report.ts'
import { splitFile } from './split-file.ts'
import { ancestorsOf, vocabularyOf } from './vocabulary.ts'
import type { Vocabulary } from './vocabulary.ts'

/** INVARIANT: only what `readAgreement` gave without an error may be believed. */
export interface AgreementSource {
  readonly agreement: Agreement
  readonly vocabulary: Vocabulary
  /** Index in the file of each rule that the parties wrote, by its id. */
  readonly rulePlaces: ReadonlyMap<string, number>
  readonly schedulePlaces: SchedulePlaces
  readonly prose: readonly ProseRun[]
}

/** Null where the text cannot be read far enough; everything that is wrong with it is reported. Never throws. */
export function readAgreement(text: string, collector: Collector): AgreementSource | null {
  const { report } = collector
  if (!checkCharacters(text, report)) return null
  const parts = splitFile(text, report)
  if (parts === null) return null
  const read = readSchedule(parts.yaml, parts.yamlAt, report)
  const body = readClauses(parts.body, report)
  if (read === null) return null
  checkSchedule(read.schedule, read.places, body.clauses, report)
  // Half a vocabulary would call every word of the other half unknown.
  if (!isReadable(read)) return null
  const clauses = new Map([
    ...body.clauses,
    ...systemClauses.map((clause): [string, Clause] => [clause.id, clause]),
  ])
  const generated = generatedPolicies(read.schedule)
  if (generated.length > limits.generated) {
    const message = `the schedule makes ${generated.length} rules, more than ${limits.generated}`
    report({
      code: 'AGREEMENT_LIMIT',
      at: 0,
      message,
      help: 'list fewer purposes with an end, exclusions, delegations or integrators',
    })
    return null
  }
  const vocabulary = vocabularyOf(read.schedule)
  const schema = cedarSchema(vocabulary)
  const { rules, policies, places } = readRules(body.blocks, generated, schema, vocabulary, report)
  const ancestors = ancestorsOf(read.schedule)
  const agreement: Agreement = {
    schedule: read.schedule,
    clauses,
    rules,
    ancestors,
    text,
    hash: digestOf(text),
    cedar: { schema, policies },
  }
  if (!collector.hasErrors()) checkRules(agreement, vocabulary, places, read.places, report)
  return { agreement, vocabulary, rulePlaces: places, schedulePlaces: read.places, prose: body.prose }
}

function isReadable({ places }: ReadSchedule): boolean {
  const lists = [
    'units', 'purposes', 'providers', 'models', 'surfaces', 'consumers', 'actions', 'signals', 'provenances', 'levels',
    'exclusions', 'tools',
  ] // prettier-ignore
  return lists.every((list) => places.lists.has(list))
}
