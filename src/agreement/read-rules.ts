/** From blocks of Cedar to rules in the restricted form, each mistake at its place in the file. */
import { countPolicies, parsePolicy, validatePolicies } from './cedar.ts'
import type { CedarMistake } from './cedar.ts'
import { cedarTokens, entityLiterals, sizeOf, splitPolicies } from './cedar-tokens.ts'
import type { CedarToken } from './cedar-tokens.ts'
import type { Policy } from './generated-rules.ts'
import { limits } from './limits.ts'
import { suggestWord } from './nearest-word.ts'
import type { RuleBlock } from './read-clauses.ts'
import type { Mistake, Report } from './report.ts'
import type { Refusal } from './refusal.ts'
import { restrictPolicy } from './restrict.ts'
import type { Restricted } from './restrict.ts'
import type { Rule, Test } from './rule.ts'
import { screeningFailed, unlisted } from './schedule.ts'
import { indexOfByte } from './source-text.ts'
import { isEntityType } from './vocabulary.ts'
import type { EntityType, Vocabulary } from './vocabulary.ts'

/** A policy that the parties wrote, with its place. */
interface WrittenPolicy extends Policy {
  /** Index in the file at which its text starts. */
  readonly at: number
  readonly tokens: readonly CedarToken[]
}

export interface ReadRules {
  readonly rules: readonly Rule[]
  readonly policies: Readonly<Record<string, string>>
  /** Index in the file of each written rule. */
  readonly places: ReadonlyMap<string, number>
}

interface Reading {
  readonly vocabulary: Vocabulary
  readonly report: Report
}

/** Written rules first, in the order of the file, then the generated ones. */
export function readRules(
  blocks: readonly RuleBlock[],
  generated: readonly Policy[],
  schema: string,
  vocabulary: Vocabulary,
  report: Report,
): ReadRules {
  const reading: Reading = { vocabulary, report }
  const written = writtenPolicies(blocks, report)
  const restricted = new Map<string, Restricted>()
  const parsed: WrittenPolicy[] = []
  for (const policy of written) {
    const result = parseWritten(policy, report)
    if (result === null) continue
    restricted.set(policy.id, result)
    parsed.push(policy)
  }
  const policies = Object.fromEntries([...parsed, ...generated].map(({ id, text }) => [id, text]))
  const cedarMistakes = Map.groupBy(validatePolicies(schema, policies), (mistake) => mistake.rule)
  for (const policy of parsed) {
    const result = restricted.get(policy.id)
    if (result !== undefined) checkPolicy(policy, result, cedarMistakes.get(policy.id) ?? [], reading)
  }
  reportUnplaced(cedarMistakes, new Set(parsed.map(({ id }) => id)), report)
  const rules = parsed.flatMap((policy) => ruleOf(policy, restricted.get(policy.id)))
  rules.push(...generated.flatMap((policy) => generatedRule(policy, reading)))
  return { rules, policies, places: new Map(parsed.map(({ id, at }) => [id, at])) }
}

function writtenPolicies(blocks: readonly RuleBlock[], report: Report): WrittenPolicy[] {
  const written: WrittenPolicy[] = []
  const counts = new Map<string, number>()
  for (const block of blocks) {
    const found = splitPolicies(cedarTokens(block.text)).map((tokens): WrittenPolicy => {
      const count = (counts.get(block.clause) ?? 0) + 1
      counts.set(block.clause, count)
      const start = tokens[0]?.start ?? 0
      const text = block.text.slice(start, tokens.at(-1)?.end)
      const shifted = tokens.map((token) => ({
        ...token,
        start: token.start - start,
        end: token.end - start,
      }))
      return {
        id: `${block.clause}#${count}`,
        clause: block.clause,
        text,
        at: block.at + start,
        tokens: shifted,
      }
    })
    const fitting = found.filter((policy) => fits(policy, report))
    if (found.length === 0) {
      const message = 'a block of rules holds none'
      report({
        code: 'AGREEMENT_EMPTY_BLOCK',
        at: block.at,
        clause: block.clause,
        message,
        help: 'remove it, or write its rule',
      })
    } else if (fitting.length === found.length) checkCount(block, found, report)
    written.push(...fitting)
  }
  if (written.length > limits.policies) {
    const at = written[limits.policies]?.at ?? 0
    report({ code: 'AGREEMENT_LIMIT', at, message: `more than ${limits.policies} rules` })
  }
  return written.slice(0, limits.policies)
}

/** INVARIANT: nothing larger reaches Cedar, whose reader does not survive deep recursion. */
function fits({ tokens, text, at, clause }: WrittenPolicy, report: Report): boolean {
  const { operators, nesting } = sizeOf(tokens)
  const within =
    operators <= limits.policyOperators &&
    nesting <= limits.policyNesting &&
    text.length <= limits.policyChars
  if (within) return true
  const message = `a rule has more than ${limits.policyOperators} operators, or brackets deeper than ${limits.policyNesting}`
  report({ code: 'AGREEMENT_LIMIT', at, clause, message, help: 'write several rules' })
  return false
}

/** Our cut into policies must be Cedar's, or a rule could stand in the text and not be in force. */
function checkCount(block: RuleBlock, found: readonly WrittenPolicy[], report: Report): void {
  const count = countPolicies(block.text)
  if (count === null || count === found.length) return
  const message = `${found.length} rules were read here where cedar reads ${count}`
  report({ code: 'AGREEMENT_CEDAR_SYNTAX', at: block.at, clause: block.clause, message })
}

function parseWritten(policy: WrittenPolicy, report: Report): Restricted | null {
  const answer = parsePolicy(policy.text)
  if (answer.ok) return restrictPolicy(answer.json)
  for (const mistake of answer.mistakes) report(atPlace('AGREEMENT_CEDAR_SYNTAX', mistake, policy))
  return null
}

function atPlace(code: Mistake['code'], mistake: CedarMistake, policy: WrittenPolicy): Mistake {
  const at = policy.at + Math.min(indexOfByte(policy.text, mistake.byte), policy.text.length)
  return { code, at, clause: policy.clause, message: mistake.message, help: mistake.help }
}

function checkPolicy(
  policy: WrittenPolicy,
  result: Restricted,
  cedarMistakes: readonly CedarMistake[],
  reading: Reading,
): void {
  const { report } = reading
  const words = checkLiterals(policy, reading)
  for (const refusal of result.refusals) {
    const { code, message, help } = refusal
    report({ code, at: policy.at + placeNear(refusal, policy.tokens), clause: policy.clause, message, help })
  }
  const seen = words.length > 0 || result.refusals.length > 0
  const said = new Set<string>()
  for (const mistake of cedarMistakes) {
    const start = indexOfByte(policy.text, mistake.byte)
    const end = indexOfByte(policy.text, mistake.byteEnd)
    const whole = start === 0 && end >= policy.text.length
    const aboutWord = words.some((word) => start <= word.start && word.end <= end)
    // What follows from a mistake that has been named already would only be noise.
    if (aboutWord || (seen && whole)) continue
    // Cedar checks a policy once for each action and says the same each time.
    const saying = `${mistake.byte}-${mistake.byteEnd}`
    if (said.has(saying)) continue
    said.add(saying)
    report(atPlace('AGREEMENT_CEDAR_TYPE', mistake, policy))
  }
  if (!seen) checkWords(policy, result.test, reading)
}

/** Every entity that the text names, whether Cedar looks at it or not. Returns those that were refused. */
function checkLiterals(
  policy: WrittenPolicy,
  { vocabulary, report }: Reading,
): { start: number; end: number }[] {
  const refused: { start: number; end: number }[] = []
  for (const literal of entityLiterals(policy.tokens)) {
    const { type, id } = literal
    if (!isEntityType(type, vocabulary)) continue
    if (isWritable(type, id, vocabulary)) continue
    refused.push(literal)
    const at = policy.at + literal.start
    const shown = `\`${type}::"${id}"\``
    if (literal.escaped) {
      const help = 'write the word without backslashes'
      report({
        code: 'AGREEMENT_NOT_ACCEPTED',
        at,
        clause: policy.clause,
        message: `an escape in ${shown} is not accepted`,
        help,
      })
    } else if (vocabulary.all[type].has(id)) {
      const help = 'what is not listed and what could not be screened is forbidden by rules of the system'
      report({
        code: 'AGREEMENT_RESERVED_WORD',
        at,
        clause: policy.clause,
        message: `${shown} is a word of the system`,
        help,
      })
    } else {
      const message = `${shown} is not in the schedule`
      report({
        code: 'AGREEMENT_UNKNOWN_WORD',
        at,
        clause: policy.clause,
        message,
        help: suggestWord(id, vocabulary.listed[type]),
      })
    }
  }
  return refused
}

/** Whether parties may write the word: it is listed, and not one of the system's. */
function isWritable(type: EntityType, word: string, { all }: Vocabulary): boolean {
  return all[type].has(word) && word !== unlisted && word !== screeningFailed
}

/** INVARIANT: no rule holds a word outside the vocabulary, however Cedar came to read it. */
function checkWords(policy: WrittenPolicy, test: Test, { vocabulary, report }: Reading): void {
  for (const [type, word] of wordsOf(test)) {
    if (isWritable(type, word, vocabulary)) continue
    const message = `\`${type}::"${word}"\` is not in the schedule`
    report({ code: 'AGREEMENT_UNKNOWN_WORD', at: policy.at, clause: policy.clause, message })
  }
}

const attributeTypes = {
  purpose: 'Purpose',
  surface: 'Surface',
  consumer: 'Consumer',
  stage: 'Stage',
  chain: 'Unit',
  provenance: 'Provenance',
  findings: 'Signal',
} as const

/** Every word of a test with its entity type. */
export function wordsOf(test: Test): (readonly [EntityType, string])[] {
  switch (test.op) {
    case 'true':
    case 'false':
    case 'compare':
      return []
    case 'all':
    case 'any':
      return test.tests.flatMap(wordsOf)
    case 'not':
      return wordsOf(test.test)
    case 'unit-is':
      return [['Unit', test.unit]]
    case 'unit-in':
      return test.units.map((unit) => ['Unit', unit] as const)
    case 'action-is':
      return test.actions.map((action) => ['Action', action] as const)
    case 'model-is':
      return [['Model', test.model]]
    case 'provider-in':
      return test.providers.map((provider) => ['Provider', provider] as const)
    case 'word-is':
      return test.words.map((word) => [attributeTypes[test.attribute], word] as const)
    case 'set-has':
      return [[attributeTypes[test.attribute], test.word]]
  }
}

/** The first token that a refusal speaks of, else the start of the policy. */
function placeNear({ near }: Refusal, tokens: readonly CedarToken[]): number {
  return tokens.find((token) => token.text === near)?.start ?? 0
}

/** Mistakes that Cedar places in no written rule concern the schema or a generated one: nothing may pass. */
function reportUnplaced(
  mistakes: ReadonlyMap<string | undefined, readonly CedarMistake[]>,
  written: ReadonlySet<string>,
  report: Report,
): void {
  for (const [rule, found] of mistakes) {
    if (rule !== undefined && written.has(rule)) continue
    for (const { message, help } of found) {
      const about = rule === undefined ? '' : `generated rule \`${rule}\`: `
      report({ code: 'AGREEMENT_CEDAR_TYPE', at: 0, message: `${about}${message}`, help })
    }
  }
}

function ruleOf({ id, clause }: Policy, result: Restricted | undefined): Rule[] {
  if (result === undefined) return []
  return [{ id, clause, effect: result.effect, test: result.test, liftedBy: result.liftedBy }]
}

function generatedRule(policy: Policy, { report }: Reading): Rule[] {
  const answer = parsePolicy(policy.text)
  const result = answer.ok ? restrictPolicy(answer.json) : null
  if (result !== null && result.refusals.length === 0) return ruleOf(policy, result)
  report({
    code: 'AGREEMENT_CEDAR_SYNTAX',
    at: 0,
    message: `generated rule \`${policy.id}\` is not accepted`,
  })
  return []
}
