/** What the parties sign: the text, and what this compiler made of it. */
import { canonicalJson, digestOf, utf8 } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import { compilerVersion } from './compile.ts'
import { parseInstant } from './instant.ts'
import type { Rule, Test } from './rule.ts'

export interface AgreementStatement {
  readonly agreement: string
  readonly version: number
  /** Digest of the text before; absent for version 1. */
  readonly previous?: string
  /** Digest of the exact UTF-8 bytes of the file. */
  readonly text: string
  /** Digest of the canonical JSON of the rules, in their order. */
  readonly rules: string
  /** Digest of the generated Cedar schema. */
  readonly schema: string
  readonly compiler: string
  /** The instant from which this version shall be in force, `2026-03-01T00:00:00.000Z`. */
  readonly effective: string
}

/** Throws `ENVELOPE_EFFECTIVE` where `effective` (milliseconds since the epoch) is not before the end of the term. */
export function statementOf(agreement: Agreement, effective: number): AgreementStatement {
  const { schedule } = agreement
  if (!Number.isSafeInteger(effective) || effective < 0 || effective >= schedule.term.until) {
    throw new AgreementError('ENVELOPE_EFFECTIVE', 'the effective time is not before the end of the term')
  }
  return {
    agreement: schedule.id,
    version: schedule.version,
    ...(schedule.previous === undefined ? {} : { previous: schedule.previous }),
    text: agreement.hash,
    rules: rulesDigest(agreement),
    schema: digestOf(agreement.cedar.schema),
    compiler: compilerVersion,
    effective: new Date(effective).toISOString(),
  }
}

/** Of the canonical JSON of the rules, in their order. */
export function rulesDigest({ rules }: Agreement): string {
  return digestOf(canonicalJson(rules.map(ruleJson)))
}

/** The bytes that are signed over: canonical JSON (RFC 8785). */
export function statementBytes(statement: AgreementStatement): Buffer {
  return utf8(canonicalJson({ ...statement }))
}

/** The effective time that a payload states; null where it states none. Nothing else of it is believed. */
export function effectiveOf(payload: Json): number | null {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return null
  const { effective } = payload as { readonly effective?: Json }
  return typeof effective === 'string' ? parseInstant(effective) : null
}

function ruleJson({ id, clause, effect, test, liftedBy }: Rule): Json {
  return { id, clause, effect, test: testJson(test), liftedBy }
}

function testJson(test: Test): Json {
  if (test.op === 'all' || test.op === 'any') return { op: test.op, tests: test.tests.map(testJson) }
  if (test.op === 'not') return { op: test.op, test: testJson(test.test) }
  return { ...test }
}
