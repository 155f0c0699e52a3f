/** The request that somebody wants explained, as JSON: in a file, or over the control socket. */
import { generate, parseMicros } from '../agreement/index.ts'
import type { Schedule } from '../agreement/index.ts'
import { isObject } from '../base/index.ts'
import type { Json, JsonObject } from '../base/index.ts'
import { DecisionError } from './decision-error.ts'
import type { Facts, Stage } from './decision.ts'
import { classOf } from './judged-act.ts'

export interface ExplainRequest {
  readonly facts: Facts
  readonly findings: ReadonlySet<string>
  readonly approvals: ReadonlySet<string>
  /** To be screened: what is found in it joins the findings. */
  readonly text?: string
}

const stages: readonly Stage[] = ['request', 'tool', 'answer']
const members = [
  'unit', 'chain', 'action', 'tool', 'model', 'purpose', 'surface', 'consumer', 'provenance', 'time', 'committed',
  'persons', 'stage', 'findings', 'approvals', 'text',
] // prettier-ignore

/**
 * Throws `EXPLAIN_REQUEST` on an unknown, missing or wrong member, for a misread request explains nothing. `now`, in
 * milliseconds since the epoch, is the time of a request that names none; without it the time is needed.
 */
export function parseExplainRequest(fields: Json, schedule: Schedule, now?: number): ExplainRequest {
  if (!isObject(fields)) throw refusal('the request is not an object')
  for (const key of Object.keys(fields))
    if (!members.includes(key)) throw refusal(`\`${key}\` is not a member of a request`)
  const unit = textMember(fields, 'unit')
  return {
    facts: {
      unit,
      chain: 'chain' in fields ? listMember(fields, 'chain') : [unit],
      action: actionMember(fields, schedule),
      model: textMember(fields, 'model'),
      purpose: textMember(fields, 'purpose'),
      surface: textMember(fields, 'surface'),
      consumer: textMember(fields, 'consumer'),
      provenance: 'provenance' in fields ? listMember(fields, 'provenance') : [],
      time: 'time' in fields || now === undefined ? timeMember(fields) : now,
      committedMicros: committedMember(fields),
      persons: personsMember(fields),
      stage: stageMember(fields),
    },
    findings: new Set('findings' in fields ? listMember(fields, 'findings') : []),
    approvals: new Set('approvals' in fields ? listMember(fields, 'approvals') : []),
    ...('text' in fields ? { text: textMember(fields, 'text') } : {}),
  }
}

/** The class itself, or that of the named tool; a tool that the schedule does not list is `unlisted`. */
function actionMember(fields: JsonObject, schedule: Schedule): string {
  if (!('tool' in fields)) return 'action' in fields ? textMember(fields, 'action') : generate
  if ('action' in fields) throw refusal('`tool` stands in place of `action`, not beside it')
  const name = textMember(fields, 'tool')
  return classOf(schedule, name)
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

function personsMember(fields: JsonObject): number {
  const value = fields['persons'] ?? 0
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw refusal('`persons` is not a count')
}

/** A tool is called at a stage of its own. */
function stageMember(fields: JsonObject): Stage {
  const value = fields['stage'] ?? ('tool' in fields ? 'tool' : 'request')
  const stage = stages.find((each) => each === value)
  if (stage === undefined) throw refusal('`stage` is not `request`, `tool` or `answer`')
  return stage
}

function refusal(message: string): DecisionError {
  return new DecisionError('EXPLAIN_REQUEST', message)
}
