/**
 * What a disputed clause does until it is settled: its grants grant nothing, nothing lifts what it holds, and the
 * forbids of the reading act beside its own. So a dispute can only tighten.
 */
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import { withoutApprovals } from './cedar.ts'
import { readRules } from './read-rules.ts'
import { collectDiagnostics } from './report.ts'
import type { Rule } from './rule.ts'
import { vocabularyOf } from './vocabulary.ts'

/** What acts under a clause: Cedar forbids, or nothing beside what is taken from the clause. */
export interface Reading {
  /** Of the dispute: the rules are named by it. */
  readonly id: string
  readonly clause: string
  readonly reading: string
}

/**
 * All readings that stand are read again with each new one and at every start: whoever floods a gate with them must
 * not slow it down for the others.
 */
const readingCharsMax = 4_096
const readingRulesMax = 16

/** Throws `DISPUTE_FALSE` unless the reading can act under this agreement and makes some difference. */
export function requireReading(agreement: Agreement, dispute: Reading): void {
  const { rules } = readingOf(agreement, dispute)
  const disputed = agreement.rules.filter((rule) => isTightened(rule, dispute.clause))
  if (rules.length > 0 || disputed.length > 0) return
  throw refused(
    `clause ${dispute.clause} grants nothing and holds nothing, so a reading must say what is forbidden`,
  )
}

/**
 * The agreement as it acts while these disputes stand: the text, its digest and its schedule are the signed ones.
 * Throws `DISPUTE_FALSE` where a reading cannot act under it, such as one whose words the schedule has lost.
 */
export function underDispute(agreement: Agreement, disputes: readonly Reading[]): Agreement {
  if (disputes.length === 0) return agreement
  const clauses = new Set(disputes.map(({ clause }) => clause))
  const policies: Record<string, string> = { ...agreement.cedar.policies }
  const rules: Rule[] = []
  for (const rule of agreement.rules) {
    if (!clauses.has(rule.clause) || !isTightened(rule, rule.clause)) rules.push(rule)
    else if (rule.effect === 'permit') Reflect.deleteProperty(policies, rule.id)
    else {
      policies[rule.id] = withoutApprovals(policies[rule.id] ?? '')
      rules.push({ ...rule, liftedBy: [] })
    }
  }
  for (const dispute of disputes) {
    const reading = readingOf(agreement, dispute)
    rules.push(...reading.rules)
    Object.assign(policies, reading.policies)
  }
  return { ...agreement, rules, cedar: { ...agreement.cedar, policies } }
}

/**
 * A version in which the clause reads as it did, prose and rules, has not settled what was disputed about it; other
 * blanks and line ends are no other words.
 */
export function isSettled(disputed: Agreement, clause: string, now: Agreement): boolean {
  return inFull(disputed, clause) !== inFull(now, clause)
}

function inFull({ clauses, rules, cedar }: Agreement, id: string): string {
  const clause = clauses.get(id)
  const own = rules.filter((rule) => rule.clause === id)
  const texts = own.map((rule) => [rule.id, wordsOf(cedar.policies[rule.id])])
  return JSON.stringify([wordsOf(clause?.title), wordsOf(clause?.text), texts])
}

function wordsOf(text: string | undefined): string | undefined {
  return text?.replace(/\s+/g, ' ').trim()
}

function isTightened({ clause, effect, liftedBy }: Rule, disputed: string): boolean {
  return clause === disputed && (effect === 'permit' || liftedBy.length > 0)
}

interface ReadReading {
  readonly rules: readonly Rule[]
  readonly policies: Readonly<Record<string, string>>
}

function readingOf(agreement: Agreement, { id, clause, reading }: Reading): ReadReading {
  if (!agreement.clauses.has(clause) || clause.startsWith('system.'))
    throw refused(`there is no clause ${clause}`)
  if (reading === '') return { rules: [], policies: {} }
  if (reading.length > readingCharsMax)
    throw refused(`its reading is longer than ${readingCharsMax} characters`)
  const collector = collectDiagnostics(reading)
  const { schedule, cedar } = agreement
  const block = { clause, at: 0, text: reading }
  const read = readRules([block], [], cedar.schema, vocabularyOf(schedule), collector.report)
  const [mistake] = collector.diagnostics().filter(({ severity }) => severity === 'error')
  if (mistake !== undefined) throw refused(`line ${mistake.line} of its reading: ${mistake.message}`)
  if (read.rules.length > readingRulesMax)
    throw refused(`its reading has more than ${readingRulesMax} forbids`)
  if (read.rules.some(({ effect }) => effect === 'permit'))
    throw refused('a reading grants nothing: write forbids')
  if (read.rules.some(({ liftedBy }) => liftedBy.length > 0)) {
    throw refused('nothing lifts what a reading forbids: leave the approvals out')
  }
  const named = (rule: string): string => rule.replace('#', `#dispute:${id}:`)
  return {
    rules: read.rules.map((rule) => ({ ...rule, id: named(rule.id) })),
    policies: Object.fromEntries(Object.entries(read.policies).map(([rule, text]) => [named(rule), text])),
  }
}

function refused(reason: string): AgreementError {
  return new AgreementError('DISPUTE_FALSE', `the dispute cannot be opened: ${reason}`)
}
