/**
 * What `servanda check` found, for editors and forges: SARIF 2.1.0 (OASIS, Static Analysis Results Interchange
 * Format). One run; a result for each diagnostic; columns count UTF-16 units, as the diagnostics do.
 */
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compilerVersion, diagnosticMeanings } from '../agreement/index.ts'
import type { Diagnostic } from '../agreement/index.ts'

export interface SarifFile {
  readonly file: string
  readonly diagnostics: readonly Diagnostic[]
  /** Where cedar decides otherwise than the compiled rules. */
  readonly mismatch?: string
}

interface SarifRule {
  readonly id: string
  readonly shortDescription: { readonly text: string }
  readonly help: { readonly text: string }
}

interface SarifResult {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: 'error' | 'warning'
  readonly message: { readonly text: string }
  readonly locations: readonly object[]
}

export interface SarifLog {
  readonly $schema: string
  readonly version: '2.1.0'
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: {
          readonly name: string
          readonly version: string
          readonly rules: readonly SarifRule[]
        }
      }
      readonly columnKind: 'utf16CodeUnits'
      readonly results: readonly SarifResult[]
    },
  ]
}

/** Paths below `directory` become relative addresses, so that the file says the same on every machine. */
export function sarifOf(files: readonly SarifFile[], directory: string): SarifLog {
  const codes = files.flatMap(({ diagnostics, mismatch }): RuleId[] => [
    ...diagnostics.map(({ code }) => code),
    ...(mismatch === undefined ? [] : [mismatchRule.id]),
  ])
  const ids = [...new Set(codes)].sort()
  const indexOf = new Map<string, number>(ids.map((id, i) => [id, i]))
  const results = files.flatMap((checked) => resultsOf(checked, addressOf(checked.file, directory)))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'servanda check', version: compilerVersion, rules: ids.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: results.map((result) => ({ ...result, ruleIndex: indexOf.get(result.ruleId) ?? -1 })),
      },
    ],
  }
}

const mismatchRule = {
  id: 'DECISION_ORACLE_MISMATCH',
  meaning:
    'The compiled rules and Cedar disagree about a request, so the agreement does not come into force.',
  remedy: 'Report it with the agreement: it is a fault of ours.',
} as const

type RuleId = Diagnostic['code'] | typeof mismatchRule.id

function ruleOf(id: RuleId): SarifRule {
  const { meaning, remedy } = id === mismatchRule.id ? mismatchRule : diagnosticMeanings[id]
  return { id, shortDescription: { text: meaning }, help: { text: remedy } }
}

function resultsOf({ diagnostics, mismatch }: SarifFile, uri: string): Omit<SarifResult, 'ruleIndex'>[] {
  const found = diagnostics.map((diagnostic) => resultOf(diagnostic, uri))
  if (mismatch === undefined) return found
  const locations = [{ physicalLocation: { artifactLocation: { uri } } }]
  return [...found, { ruleId: mismatchRule.id, level: 'error', message: { text: mismatch }, locations }]
}

function resultOf(
  { code, severity, line, column, clause, message, help }: Diagnostic,
  uri: string,
): Omit<SarifResult, 'ruleIndex'> {
  const region = { startLine: line, startColumn: column }
  const logical = clause === undefined ? {} : { logicalLocations: [{ name: clause, kind: 'clause' }] }
  return {
    ruleId: code,
    level: severity,
    message: { text: help === undefined ? message : `${message}\nhelp: ${help}` },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region }, ...logical }],
  }
}

function addressOf(file: string, directory: string): string {
  const path = resolve(directory, file)
  const below = relative(directory, path)
  if (below.startsWith('..') || isAbsolute(below)) return pathToFileURL(path).href
  return below.split(sep).map(encodeURIComponent).join('/')
}
