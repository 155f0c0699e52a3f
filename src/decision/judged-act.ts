/**
 * What one step of an exchange was judged by, exactly as it was, so that it can be judged again: under the same
 * agreement with the same decision, under another one with that one's.
 */
import { unlisted } from '../agreement/index.ts'
import type { Schedule } from '../agreement/index.ts'
import { isObject } from '../base/index.ts'
import type { Json, JsonObject } from '../base/index.ts'
import { decide, joinDecisions, notJudged } from './decide.ts'
import type { Prepared } from './decide.ts'
import type { Approvals, Decision, Facts, Signals } from './decision.ts'

export interface JudgedAct {
  readonly facts: Facts
  readonly findings: Signals
  /** The levels that it was decided with. */
  readonly approvals: Approvals
  /** The tool that is called, by its name. */
  readonly tool?: string
  /** Tools that a request shows to the model, by their names. */
  readonly offers?: readonly string[]
}

/** The action class that a schedule gives a tool, or `unlisted`. */
export function classOf({ tools }: Schedule, tool: string): string {
  return tools.find(({ id }) => id === tool)?.action ?? unlisted
}

/** Whether a request shows the model a tool that the schedule does not list: a listed one is judged when it is called. */
export function offersUnlisted({ tools }: Schedule, offers: readonly string[]): boolean {
  return offers.some((name) => !tools.some(({ id }) => id === name))
}

/** The facts of the offer of a tool that nobody lists. */
export function offerOf(facts: Facts): Facts {
  return { ...facts, stage: 'tool', action: unlisted }
}

/**
 * Judges all acts of a step again: what is not allowed stands together, and where all is allowed the last one does. A
 * tool is of the class that this agreement gives it. Total; an empty list is a deny that cites `system.evaluation`.
 */
export function judgeAgain(prepared: Prepared, acts: readonly JudgedAct[]): Decision {
  const decisions = acts.flatMap((act) => judgeAct(prepared, act) ?? [])
  const stopped = decisions.filter(({ verdict }) => verdict !== 'allow')
  const [first, ...others] = stopped
  if (first) return others.reduce(joinDecisions, first)
  return decisions.at(-1) ?? { verdict: 'deny', citations: [notJudged], asks: [] }
}

/** Null for an offer of tools that are all listed: nothing of it is judged. */
function judgeAct(prepared: Prepared, act: JudgedAct): Decision | null {
  const { schedule } = prepared.agreement
  const { facts, findings, approvals, tool, offers } = act
  if (offers && !offersUnlisted(schedule, offers)) return null
  const judged = tool === undefined ? facts : { ...facts, action: classOf(schedule, tool) }
  return decide(prepared, judged, findings, approvals)
}

/** More acts than any step needs: a step that had more cannot be judged again. */
const actsMax = 64

/** The acts of one step as they are judged, without those that say nothing more. */
export class JudgedActs {
  readonly #acts = new Map<string, JudgedAct>()
  #cut = false

  /** Findings only ever grow, so that of two acts with one decision the later says all that the earlier did. */
  note(act: JudgedAct, { verdict, citations, asks }: Decision): void {
    const { facts, tool = '', offers } = act
    const allowed = verdict === 'allow'
    const about = [facts.stage, tool, offers ? 'offer' : '']
    const key = [...about, ...(allowed ? [] : [...citations.map(({ rule }) => rule), ...asks])].join('\n')
    // What was allowed last is what stands; what was not keeps its place among what was not.
    if (allowed) this.#acts.delete(key)
    if (this.#acts.size >= actsMax && !this.#acts.has(key)) this.#cut = true
    else this.#acts.set(key, act)
  }

  /** Null where nothing was judged. */
  format(): Json {
    return this.#cut || this.#acts.size === 0 ? null : formatJudgedActs([...this.#acts.values()])
  }

  get empty(): boolean {
    return this.#acts.size === 0
  }
}

/** As it is sealed: the facts of the first, and of each what differs. The inverse of `parseJudgedActs`. */
export function formatJudgedActs(acts: readonly JudgedAct[]): Json {
  const facts: Partial<Facts> = acts[0]?.facts ?? {}
  return {
    v: 1,
    facts: { ...facts },
    acts: acts.map((act) => ({
      ...differing(act.facts, facts),
      ...(act.findings.size > 0 ? { findings: [...act.findings] } : {}),
      ...(act.approvals.size > 0 ? { approvals: [...act.approvals] } : {}),
      ...(act.tool === undefined ? {} : { tool: act.tool }),
      ...(act.offers === undefined ? {} : { offers: act.offers }),
    })),
  }
}

function differing(facts: Facts, from: Partial<Facts>): { readonly changed?: JsonObject } {
  const names = Object.keys(facts) as (keyof Facts)[]
  const changed = names.filter((name) => facts[name] !== from[name])
  if (changed.length === 0) return {}
  return { changed: Object.fromEntries(changed.map((name): [string, Json] => [name, facts[name]])) }
}

/** Null where it is none: nothing can be judged by it. What is wrong within the facts is for `decide` to deny. */
export function parseJudgedActs(value: Json | undefined): readonly JudgedAct[] | null {
  if (!isObject(value) || value['v'] !== 1 || !isObject(value['facts'])) return null
  const { facts, acts } = value
  if (!Array.isArray(acts) || acts.length === 0) return null
  const parsed = (acts as readonly Json[]).map((act) => (isObject(act) ? parseAct(act, facts) : null))
  return parsed.every((act) => act !== null) ? parsed : null
}

function parseAct(act: JsonObject, common: JsonObject): JudgedAct | null {
  const { changed = {}, findings = [], approvals = [], tool, offers } = act
  if (!isObject(changed) || !isTexts(findings) || !isTexts(approvals)) return null
  if (tool !== undefined && typeof tool !== 'string') return null
  if (offers !== undefined && !isTexts(offers)) return null
  return {
    // `decide` takes nothing for granted of what stands in them.
    facts: { ...common, ...changed } as unknown as Facts,
    findings: new Set(findings),
    approvals: new Set(approvals),
    ...(tool === undefined ? {} : { tool }),
    ...(offers === undefined ? {} : { offers }),
  }
}

function isTexts(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
