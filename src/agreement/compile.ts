/** From the text of an agreement to the compiled agreement, or to everything that is wrong with it. */
import { digestOf } from '../base/index.ts'
import type { Agreement, Clause } from './agreement.ts'
import { cedarSchema } from './cedar-schema.ts'
import { checkCharacters } from './check-characters.ts'
import { checkSchedule } from './check-schedule.ts'
import type { Diagnostic } from './diagnostic.ts'
import { generatedPolicies, systemClauses } from './generated-rules.ts'
import { lintRules } from './lint.ts'
import { readClauses } from './read-clauses.ts'
import { readRules } from './read-rules.ts'
import { readSchedule } from './read-schedule.ts'
import type { ReadSchedule } from './read-schedule.ts'
import { collectDiagnostics } from './report.ts'
import type { Collector } from './report.ts'
import { splitFile } from './split-file.ts'
import { ancestorsOf, vocabularyOf } from './vocabulary.ts'

/** Stands in every signed statement: what these bytes mean is what this compiler makes of them. */
export const compilerVersion = 'servanda-compiler/1'

export interface Compilation {
  /** Null exactly where some diagnostic is an error. */
  readonly agreement: Agreement | null
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads, checks and compiles one agreement file. Pure; never throws on any text. */
export function compileAgreement(text: string): Compilation {
  const collector = collectDiagnostics(text)
  const agreement = compileWhole(text, collector)
  return { agreement: collector.hasErrors() ? null : agreement, diagnostics: collector.diagnostics() }
}

function compileWhole(text: string, collector: Collector): Agreement | null {
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
  const vocabulary = vocabularyOf(read.schedule)
  const schema = cedarSchema(vocabulary)
  const { rules, policies, places } = readRules(
    body.blocks,
    generatedPolicies(read.schedule),
    schema,
    vocabulary,
    report,
  )
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
  if (!collector.hasErrors()) lintRules(agreement, vocabulary, places, read.places, report)
  return agreement
}

function isReadable({ places }: ReadSchedule): boolean {
  const lists = [
    'units', 'purposes', 'providers', 'models', 'surfaces', 'consumers', 'actions', 'signals', 'provenances', 'levels',
    'exclusions', 'tools',
  ] // prettier-ignore
  return lists.every((list) => places.lists.has(list))
}
