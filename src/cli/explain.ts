/** `servanda explain`: what an agreement decides about one request, by which clauses, and what was missing. */
import { readFile } from 'node:fs/promises'
import { compileAgreement, parseMicros } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { isObject, parseJson } from '../base/index.ts'
import type { Json, JsonObject } from '../base/index.ts'
import { explain as explainDecision } from '../decision/index.ts'
import type { CitedClause, Explanation, Facts, Stage } from '../decision/index.ts'
import { createScreener } from '../screening/index.ts'
import { readAgreementText } from './agreement-file.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'

const usage = `usage: servanda explain FILE --request FILE [--json]

  FILE       an agreement file
  --request  a JSON object: unit, chain, action, model, purpose, surface, consumer, provenance, time (ISO),
             committed (in the currency), stage, findings, approvals; and text, which is screened
  --json     the result as one JSON object
`

interface ExplainedRequest {
  readonly facts: Facts
  readonly findings: ReadonlySet<string>
  readonly approvals: ReadonlySet<string>
  readonly text?: string
}

/** Exit code 0: decided, whatever the verdict; 1: the agreement has errors; 2: wrong usage or unreadable input. */
export const explain = command({
  usage,
  operands: { file: 'needed' },
  options: { request: 'needed' },
  async run({ file, request: path }, output) {
    const { agreement, diagnostics } = compileAgreement(await readAgreementText(file))
    if (agreement === null) {
      output.answer(
        { file, good: false, diagnostics },
        `${file} has errors; \`servanda check ${file}\` lists them\n`,
      )
      return 1
    }
    const request = parseRequest(parseJson(await readFile(path)))
    const found = request.text === undefined ? [] : await screen(agreement, request.text)
    const findings = new Set([...request.findings, ...found])
    const explanation = explainDecision(agreement, request.facts, findings, request.approvals)
    output.answer({ ...explanation, findings: [...findings] }, textOf(explanation, found))
    return 0
  },
})

async function screen(agreement: Agreement, text: string): Promise<string[]> {
  await using screener = createScreener({ agreementPhrases: agreement.schedule.signals })
  const { findings } = await screener.screen([{ kind: 'user', place: 'text', text }])
  return [...new Set(findings.map((finding) => finding.signal))]
}

const stages: readonly Stage[] = ['request', 'tool', 'answer']
const members = [
  'unit', 'chain', 'action', 'model', 'purpose', 'surface', 'consumer', 'provenance', 'time', 'committed', 'stage',
  'findings', 'approvals', 'text',
] // prettier-ignore

/** Throws `EXPLAIN_REQUEST` on an unknown, missing or wrong member, for a misread request explains nothing. */
function parseRequest(fields: Json): ExplainedRequest {
  if (!isObject(fields)) throw refusal('the request is not an object')
  for (const key of Object.keys(fields))
    if (!members.includes(key)) throw refusal(`\`${key}\` is not a member of a request`)
  const unit = textMember(fields, 'unit')
  return {
    facts: {
      unit,
      chain: 'chain' in fields ? listMember(fields, 'chain') : [unit],
      action: 'action' in fields ? textMember(fields, 'action') : 'generate',
      model: textMember(fields, 'model'),
      purpose: textMember(fields, 'purpose'),
      surface: textMember(fields, 'surface'),
      consumer: textMember(fields, 'consumer'),
      provenance: 'provenance' in fields ? listMember(fields, 'provenance') : [],
      time: timeMember(fields),
      committedMicros: committedMember(fields),
      stage: stageMember(fields),
    },
    findings: new Set('findings' in fields ? listMember(fields, 'findings') : []),
    approvals: new Set('approvals' in fields ? listMember(fields, 'approvals') : []),
    ...('text' in fields ? { text: textMember(fields, 'text') } : {}),
  }
}

function textMember(fields: JsonObject, key: string): string {
  const value = fields[key]
  if (typeof value !== 'string') throw refusal(`\`${key}\` is missing or not text`)
  return value
}

function listMember(fields: JsonObject, key: string): string[] {
  const value = fields[key]
  if (!Array.isArray(value)) throw refusal(`\`${key}\` is not a list of texts`)
  return value.map((each: Json) => {
    if (typeof each !== 'string') throw refusal(`\`${key}\` is not a list of texts`)
    return each
  })
}

function timeMember(fields: JsonObject): number {
  const text = textMember(fields, 'time')
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : NaN
  if (Number.isNaN(time)) throw refusal('`time` is not an instant such as `2026-11-20T10:00:00Z`')
  return time
}

function committedMember(fields: JsonObject): number {
  const value = fields['committed'] ?? 0
  const micros = typeof value === 'number' ? parseMicros(String(value)) : null
  if (micros === null) throw refusal('`committed` is not an amount with at most six decimals')
  return micros
}

function stageMember(fields: JsonObject): Stage {
  const value = fields['stage'] ?? 'request'
  const stage = stages.find((each) => each === value)
  if (stage === undefined) throw refusal('`stage` is not `request`, `tool` or `answer`')
  return stage
}

function refusal(message: string): CliError {
  return new CliError('EXPLAIN_REQUEST', message)
}

function textOf({ decision, cited, nearest }: Explanation, found: readonly string[]): string {
  const lines: string[] = [decision.verdict]
  if (decision.asks.length > 0) lines.push(`asks for: ${decision.asks.join(', ')}`)
  if (found.length > 0) lines.push(`found in the text: ${found.join(', ')}`)
  for (const clause of cited) lines.push('', ...clauseLines(clause))
  if (nearest.length > 0) lines.push('', 'the nearest grants, and what was missing:')
  for (const grant of nearest) {
    lines.push(
      `  ${grant.clause} ${grant.title} (${grant.rule})`,
      ...grant.missing.map((each) => `    ${each}`),
    )
  }
  return `${lines.join('\n')}\n`
}

function clauseLines({ clause, rule, title, text }: CitedClause): string[] {
  const prose = text === '' ? [] : text.split('\n').map((line) => (line === '' ? '' : `  ${line}`))
  return [`${clause} ${title} (${rule})`, ...prose]
}
