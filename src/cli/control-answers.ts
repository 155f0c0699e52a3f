/** The answers of the control socket that commands print or build on. */
import type { Dispute, Order } from '../agreement/index.ts'
import type {
  AgreementTaken,
  AgreementView,
  AnnouncedView,
  DecisionTaken,
  DisputeOpened,
  ListedHold,
  OrderCarriedOut,
  ShownHold,
  StandingView,
} from '../api/index.ts'
import type { Json } from '../base/index.ts'
import type { ExclusionStatement } from '../certificate/index.ts'
import type { HoldSubject } from '../oversight/index.ts'
import { count, exactly, flag, json, listOf, mapOf, objectOf, oneOf, orNull } from './answer-shape.ts'
import { readAnswer, text, time } from './answer-shape.ts'

type Level = ListedHold['levels'][number]
type Clause = ShownHold['clauses'][number]
type Unsatisfiable = AgreementView['unsatisfiable'][number]
type Statement = ExclusionStatement

const stage = oneOf('request', 'tool', 'answer')

const listedHold = {
  id: text,
  agreement: objectOf<ListedHold['agreement']>({ id: text, version: count }),
  stage,
  rules: listOf(text),
  state: oneOf('waiting', 'approved', 'expired'),
  levels: listOf(
    objectOf<Level>({
      id: text,
      title: text,
      persons: count,
      approved: count,
      asks: text,
      missing: orNull(text),
      yours: flag,
    }),
  ),
  expires: text,
}

const subject = exactly<HoldSubject>({
  v: oneOf(1),
  caller: text,
  unit: text,
  chain: listOf(text),
  purpose: text,
  surface: text,
  consumer: text,
  provenance: listOf(text),
  route: text,
  model: text,
  agreement: exactly<HoldSubject['agreement']>({ id: text, version: count, hash: text, entry: count }),
  request: json,
  sent: text,
  origin: text,
  hold: text,
  exchange: text,
  stage,
  answer: json,
  findings: json,
  rules: listOf(text),
  asks: listOf(text),
  expires: time,
  nonce: text,
})

const holds = objectOf<{ readonly holds: readonly ListedHold[] }>({
  holds: listOf(objectOf<ListedHold>(listedHold)),
})

const shownHold = objectOf<ShownHold>({
  ...listedHold,
  subject,
  clauses: listOf(objectOf<Clause>({ rule: text, clause: text, title: text, text })),
})

const decisionTaken = objectOf<DecisionTaken>({
  verdict: oneOf('approve', 'deny'),
  seq: count,
  receipt: text,
  state: oneOf('waiting', 'approved', 'denied', 'expired', 'used'),
})

const orderCarriedOut = objectOf<OrderCarriedOut>({
  order: objectOf<Order>({
    v: oneOf(1),
    order: oneOf('stop', 'resume'),
    id: text,
    agreement: text,
    text,
    reason: text,
    lifts: listOf(text),
    issued: text,
  }),
  parties: listOf(text),
  demoParties: listOf(text),
  seq: count,
  receipt: text,
  stops: listOf(text),
})

const disputeOpened = objectOf<DisputeOpened>({
  dispute: objectOf<Dispute>({
    v: oneOf(1),
    id: text,
    agreement: text,
    text,
    clause: text,
    reading: text,
    reason: text,
    issued: text,
  }),
  parties: listOf(text),
  demoParties: listOf(text),
  seq: count,
  receipt: text,
  clauses: listOf(text),
})

const standing = objectOf<StandingView>({
  origin: text,
  agreements: listOf(
    objectOf<AgreementView>({
      id: text,
      version: count,
      title: text,
      hash: text,
      until: text,
      entry: count,
      demo: flag,
      stops: listOf(text),
      disputes: listOf(objectOf<AgreementView['disputes'][number]>({ id: text, clause: text, entry: count })),
      parties: listOf(objectOf<AgreementView['parties'][number]>({ id: text, threshold: count })),
      unsatisfiable: listOf(
        objectOf<Unsatisfiable>({ level: text, rules: listOf(text), asks: text, missing: text }),
      ),
      amount: orNull(
        objectOf<NonNullable<AgreementView['amount']>>({
          currency: text,
          committed: text,
          allotted: text,
          percent: count,
          warningPercent: orNull(count),
          warning: flag,
        }),
      ),
    }),
  ),
  announced: listOf(
    objectOf<AnnouncedView>({
      agreement: text,
      version: count,
      hash: text,
      entry: count,
      announced: text,
      actsFrom: orNull(text),
    }),
  ),
  reviewers: count,
  checkpoint: orNull(objectOf<NonNullable<StandingView['checkpoint']>>({ size: count, note: text })),
})

const agreementTaken = objectOf<AgreementTaken>({
  outcome: oneOf('in-force', 'already-in-force', 'announced', 'already-announced', 'early'),
  agreement: text,
  version: count,
  hash: text,
  verdict: orNull(oneOf('equivalent', 'stronger', 'weaker', 'both', 'unknown')),
  entry: orNull(count),
  receipt: orNull(text),
  actsFrom: orNull(text),
  demoParties: listOf(text),
})

const place = objectOf<Statement['range']['after']>({ index: count, time: text })

const statement = objectOf<Statement>({
  v: oneOf(1),
  certificate: oneOf('exclusion'),
  supplier: text,
  from: text,
  to: text,
  origin: text,
  role: oneOf('agency', 'gate'),
  size: count,
  root: text,
  entry: count,
  begins: text,
  coversWholePeriod: flag,
  range: objectOf<Statement['range']>({ start: count, end: count, before: orNull(place), after: place }),
  predicate: objectOf<Statement['predicate']>({ name: text, version: count, hash: text }),
  counts: objectOf<Statement['counts']>({
    entries: count,
    calls: count,
    toSupplier: oneOf(0),
    refusedToSupplier: count,
    turnedAway: count,
    gaps: count,
    gapRefusals: count,
    interrupted: count,
  }),
  callsByProvider: mapOf(count),
  supplierNamed: flag,
  demo: flag,
  rehearsal: flag,
  oneParty: oneOf(true),
  limits: listOf(text),
})

// Each throws `CLI_UNANSWERED` where the answer is of another form.

export function parseHolds(answer: Json): readonly ListedHold[] {
  return readAnswer(answer, holds).holds
}

/** The digest of this subject covers everything that the gate says of it, for nothing more may stand in it. */
export function parseShownHold(answer: Json): ShownHold {
  return readAnswer(answer, shownHold)
}

export function parseDecisionTaken(answer: Json): DecisionTaken {
  return readAnswer(answer, decisionTaken)
}

export function parseOrderCarriedOut(answer: Json): OrderCarriedOut {
  return readAnswer(answer, orderCarriedOut)
}

export function parseDisputeOpened(answer: Json): DisputeOpened {
  return readAnswer(answer, disputeOpened)
}

export function parseAgreementTaken(answer: Json): AgreementTaken {
  return readAnswer(answer, agreementTaken)
}

export function parseStanding(answer: Json): StandingView {
  return readAnswer(answer, standing)
}

/** What a certificate claims; whether it is true is for `servanda verify` to say. */
export function parseStatement(claimed: Json): ExclusionStatement {
  return readAnswer(claimed, statement)
}
