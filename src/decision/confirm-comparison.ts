/** The check of a comparison: what it claims is what both evaluators decide under both versions. */
import type { Agreement, ChangedRegion, Comparison, Side, Situation } from '../agreement/index.ts'
import { generate, unlisted } from '../agreement/index.ts'
import { sameDecision } from './agrees-with-oracle.ts'
import { decide, prepare } from './decide.ts'
import { DecisionError } from './decision-error.ts'
import type { Decision } from './decision.ts'
import { createOracle } from './oracle.ts'
import { randomFrom } from './random.ts'
import type { Request } from './requests.ts'
import { neighbourOf, situationIn, situationSource, situationsAimedAt } from './situations-in.ts'
import type { SituationSource } from './situations-in.ts'

/** What a version is asked when the situation comes in: its own words, no approval. */
export function requestOf({ schedule }: Agreement, situation: Situation): Request {
  const { act } = situation
  return {
    facts: {
      stage: situation.stage,
      unit: situation.unit ?? unlisted,
      chain: situation.chain.map((member) => member ?? unlisted),
      action:
        act.call === 'model'
          ? generate
          : (schedule.tools.find((tool) => tool.id === act.tool)?.action ?? unlisted),
      model: situation.model ?? unlisted,
      purpose: situation.purpose ?? unlisted,
      surface: situation.surface ?? unlisted,
      consumer: situation.consumer ?? unlisted,
      provenance: situation.provenance.map((origin) => origin ?? unlisted),
      time: situation.time,
      committedMicros: situation.committed,
      persons: situation.persons,
    },
    findings: new Set(situation.findings),
    approvals: new Set(),
  }
}

/** Asked of each side in the place of a situation's own model: where the two differ by who answers. */
export interface ModelsOfSides {
  readonly before: string
  readonly after: string
}

export interface ConfirmationOptions {
  readonly models?: ModelsOfSides
  /** Situations drawn from each box besides the witness of its region. */
  readonly perBox?: number
  /** Situations drawn from all, besides those aimed at each rule; decided by the compiled rules alone. */
  readonly anywhere?: number
  readonly seed?: number
}

export interface Confirmation {
  /** How many situations of regions were decided by both evaluators under both versions. */
  readonly situations: number
  /** How many were decided by the compiled rules outside of all regions, and alike. */
  readonly outside: number
}

interface Claim {
  readonly region: ChangedRegion
  readonly situation: Situation
  /** Whether the rules that the region names must decide here too. */
  readonly isWitness: boolean
}

/**
 * Throws `DECISION_COMPARISON` on the first situation of a region that `decide` or Cedar decides otherwise than the
 * region says, under either version, and on the first outside of all regions that the versions decide differently.
 * Deterministic. A comparison that is not confirmed must not be shown, nor relied on.
 */
export function confirmComparison(
  before: Agreement,
  after: Agreement,
  comparison: Comparison,
  { perBox = 1, anywhere = 1_000, seed = 1, models }: ConfirmationOptions = {},
): Confirmation {
  const source = situationSource(before, after, randomFrom(seed))
  const claims = comparison.regions.flatMap((region) => claimsOf(region, source, perBox))
  for (const { region, situation } of claims) {
    if (!region.contains(situation)) throw unconfirmed(region, situation, 'it lies outside')
  }
  const asked = { before: asking(before, models?.before), after: asking(after, models?.after) }
  confirmSide('before', asked.before, claims)
  confirmSide('after', asked.after, claims)
  const aimed = [before, after].flatMap((agreement) => situationsAimedAt(agreement, source.random))
  const telling = [...aimed, ...claims.map(({ situation }) => situation)]
  // At random, nearly everything is denied by both versions; so most are drawn beside what tells.
  const drawn = Array.from({ length: anywhere }, (_, i) => {
    const near = i % 4 === 0 ? undefined : telling[i % telling.length]
    return near === undefined ? situationIn(source) : neighbourOf(source, near)
  })
  const outside = [...aimed, ...drawn].filter((situation) => !confirmAnywhere(asked, comparison, situation))
  return { situations: claims.length, outside: outside.length }
}

/** One side, and what it is asked when a situation comes in. */
interface AskedSide {
  readonly agreement: Agreement
  readonly requestIn: (situation: Situation) => Request
}

function asking(agreement: Agreement, model: string | undefined): AskedSide {
  return {
    agreement,
    requestIn: (situation) => requestOf(agreement, model === undefined ? situation : { ...situation, model }),
  }
}

function claimsOf(region: ChangedRegion, source: SituationSource, perBox: number): Claim[] {
  const drawn = region.boxes.flatMap((box) =>
    Array.from({ length: perBox }, () => ({ region, situation: situationIn(source, box), isWitness: false })),
  )
  return [{ region, situation: region.witness, isWitness: true }, ...drawn]
}

/** One version after the other, for Cedar holds one agreement at a time. */
function confirmSide(
  which: 'before' | 'after',
  { agreement, requestIn }: AskedSide,
  claims: readonly Claim[],
): void {
  const prepared = prepare(agreement)
  const oracle = createOracle(agreement)
  for (const { region, situation, isWitness } of claims) {
    const request = requestIn(situation)
    const ours = decide(prepared, request.facts, request.findings, request.approvals)
    const theirs = oracle.decide(request)
    if (!sameDecision(ours, theirs)) throw unconfirmed(region, situation, `cedar decides otherwise ${which}`)
    if (!isSide(ours, region[which], isWitness)) {
      throw unconfirmed(
        region,
        situation,
        `it is ${ours.verdict} by ${ours.citations[0]?.rule ?? ''} ${which}`,
      )
    }
  }
}

function isSide({ verdict, asks, citations }: Decision, side: Side, isWitness: boolean): boolean {
  const [first] = citations
  return (
    verdict === side.verdict &&
    asks.length === side.asks.length &&
    asks.every((level, i) => level === side.asks[i]) &&
    first?.clause === side.clause &&
    (!isWitness || first.rule === side.rule)
  )
}

/** Whether the situation is of a region. */
function confirmAnywhere(
  { before, after }: Readonly<Record<'before' | 'after', AskedSide>>,
  { regions }: Comparison,
  situation: Situation,
): boolean {
  const [first, second] = [decideIn(before, situation), decideIn(after, situation)]
  const region = regions.find((each) => each.contains(situation))
  if (region === undefined) {
    if (first.verdict === second.verdict && first.asks.join(' ') === second.asks.join(' ')) return false
    const message = `no region holds a situation that is ${first.verdict} before and ${second.verdict} after`
    throw new DecisionError('DECISION_COMPARISON', `${message}: ${JSON.stringify(situation)}`)
  }
  if (!isSide(first, region.before, false) || !isSide(second, region.after, false)) {
    throw unconfirmed(region, situation, `it is ${first.verdict} before and ${second.verdict} after`)
  }
  return true
}

function decideIn({ agreement, requestIn }: AskedSide, situation: Situation): Decision {
  const { facts, findings, approvals } = requestIn(situation)
  return decide(agreement, facts, findings, approvals)
}

function unconfirmed({ before, after }: ChangedRegion, situation: Situation, why: string): DecisionError {
  const said = ({ verdict, clause }: Side): string => `${verdict} by ${clause}`
  const message = `not confirmed: ${said(before)} before, ${said(after)} after; ${why}: ${JSON.stringify(situation)}`
  return new DecisionError('DECISION_COMPARISON', message)
}
