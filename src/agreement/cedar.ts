/** The one door to cedar-wasm for compiling: parsing and strict validation, with places as byte offsets. */
import { policySetTextToParts, policyToJson, policyToText, validate } from '@cedar-policy/cedar-wasm/nodejs'
import type { DetailedError, PolicyJson, ValidationError } from '@cedar-policy/cedar-wasm/nodejs'
import { invariant, messageOf } from '../base/index.ts'
import { mentionsApprovals } from './restrict-approvals.ts'

export interface CedarMistake {
  readonly message: string
  readonly help?: string
  /** Byte offset in the UTF-8 form of the policy; 0 where Cedar names no place. */
  readonly byte: number
  /** Byte offset of the end of the place. */
  readonly byteEnd: number
}

export type ParsedPolicy =
  | { readonly ok: true; readonly json: PolicyJson }
  | { readonly ok: false; readonly mistakes: readonly CedarMistake[] }

export function parsePolicy(text: string): ParsedPolicy {
  try {
    const answer = policyToJson(text)
    if (answer.type === 'success') return { ok: true, json: answer.json }
    return { ok: false, mistakes: answer.errors.map(mistakeOf) }
  } catch (thrown) {
    return { ok: false, mistakes: [notRead(thrown)] }
  }
}

/**
 * The same policy without the parts that approvals would lift it by. INVARIANT: the text is one that was parsed before,
 * of a form in which approvals stand in an `unless` of their own.
 */
export function withoutApprovals(text: string): string {
  const parsed = policyToJson(text)
  invariant(parsed.type === 'success', 'a policy in force parses')
  const conditions = parsed.json.conditions.filter(
    ({ kind, body }) => !(kind === 'unless' && mentionsApprovals(body)),
  )
  const written = policyToText({ ...parsed.json, conditions })
  invariant(written.type === 'success', 'cedar writes what it has read')
  return written.text
}

/** How many policies and templates Cedar finds in a text; null where it does not parse. */
export function countPolicies(text: string): number | null {
  try {
    const answer = policySetTextToParts(text)
    return answer.type === 'success' ? answer.policies.length + answer.policy_templates.length : null
  } catch {
    return null
  }
}

export interface PolicyMistake extends CedarMistake {
  /** The rule it concerns; absent where Cedar names none. */
  readonly rule?: string
}

/**
 * Strict validation of all policies at once; what Cedar calls a warning is a mistake here. Cedar looks at each action
 * in an order of its own, which differs from run to run: what it says comes sorted.
 */
export function validatePolicies(
  schema: string,
  policies: Readonly<Record<string, string>>,
): PolicyMistake[] {
  try {
    const answer = validate({
      validationSettings: { mode: 'strict' },
      schema,
      policies: { staticPolicies: { ...policies } },
    })
    if (answer.type === 'failure') return [...answer.errors, ...answer.warnings].map(mistakeOf)
    const named = [...answer.validationErrors, ...answer.validationWarnings].map(namedMistake)
    return [...named, ...answer.otherWarnings.map(mistakeOf)].toSorted(
      (a, b) => a.byte - b.byte || a.byteEnd - b.byteEnd || compareText(a.message, b.message),
    )
  } catch (thrown) {
    return [notRead(thrown)]
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function namedMistake({ policyId, error }: ValidationError): PolicyMistake {
  return { ...mistakeOf(error), rule: policyId }
}

function mistakeOf(error: DetailedError): CedarMistake {
  const place = error.sourceLocations?.[0]
  const message = error.message
    .replace(/^for policy `[^`]*`[,:] /, '')
    .replace(/^failed to parse policy (?:with id `[^`]*` )?from string: /, '')
    // A mistake in a condition is one for every action; Cedar names one of them.
    .replace(/ in context for Action::"[^"]*"/, ' in context')
  const help = (error.help ?? place?.label)?.replace(/^for policy `[^`]*`, /, '') ?? null
  return {
    message,
    ...(help === null ? {} : { help }),
    byte: place?.start ?? 0,
    byteEnd: place?.end ?? 0,
  }
}

/** Cedar stopped on its own text: nothing that it says afterwards can be relied on, so all is refused. */
function notRead(thrown: unknown): CedarMistake {
  return { message: `cedar cannot read this: ${messageOf(thrown)}`, byte: 0, byteEnd: 0 }
}
