/** The agreement: text → schedule, clauses, rules; what is wrong with it; who signed it. Pure. */
export type { Agreement, Clause } from './agreement.ts'
export { AgreementError } from './agreement-error.ts'
export type { AgreementErrorCode, LackingParty } from './agreement-error.ts'
export { cedarTokens, entityLiterals } from './cedar-tokens.ts'
export { compareAgreements } from './comparison/compare.ts'
export type { ComparisonLimits } from './comparison/compare.ts'
export type {
  ChangedRegion,
  Comparison,
  ComparisonVerdict,
  Side,
  TermChange,
} from './comparison/comparison.ts'
export type { Act, Members, Situation, SituationBox, Span, Words } from './comparison/situation-box.ts'
export { compareProviders } from './comparison/parity.ts'
export type { ModelPair, Parity, ProviderTerms } from './comparison/parity.ts'
export { comparisonInWords, readingNotes } from './comparison/words.ts'
export type { ChangeGroup, ComparisonWords, RegionWords } from './comparison/words.ts'
export { compileAgreement, compilerVersion } from './compile.ts'
export type { Compilation } from './compile.ts'
export type { Diagnostic, DiagnosticCode, Severity } from './diagnostic.ts'
export { diagnosticMeanings } from './diagnostic-meanings.ts'
export type { DiagnosticMeaning } from './diagnostic-meanings.ts'
export { systemClauses } from './generated-rules.ts'
export { formatMicros, parseMicros } from './money.ts'
export { checkAgreement, requireSignable } from './lint/check-agreement.ts'
export type { CheckedAgreement } from './lint/check-agreement.ts'
export { formatQuorum } from './quorum.ts'
export { findRegion, shuffled, spaceOf } from './region.ts'
export type { Interval, Membership, Region, Search, Space } from './region.ts'
export { orderedAttributes } from './rule.ts'
export type { Comparator, Effect, OrderedAttribute, Rule, SetAttribute, Test, WordAttribute } from './rule.ts'
export { generate, screeningFailed, unlisted } from './schedule.ts'
export type {
  Amounts,
  Exclusion,
  Level,
  Listed,
  Model,
  ModelVersion,
  Norm,
  Party,
  PartyRole,
  Price,
  Purpose,
  QuorumPart,
  Route,
  Schedule,
  Signal,
  Term,
  Tool,
  Unit,
} from './schedule.ts'
export { amendmentOf, confirmedAmendmentOf, rememberAmendment } from './amendment.ts'
export type { Amendment } from './amendment.ts'
export { cooledOffAt, requireCooledOff, requireInForceAt } from './in-force-at.ts'
export type { Moment } from './in-force-at.ts'
export { reportSignatures } from './signature-report.ts'
export type { CountedSigner, IgnoredSignature, SignatureReport } from './signature-report.ts'
export {
  demoKeyName,
  demoSignersOf,
  joinEnvelopes,
  keysOf,
  signStatement,
  statedEffective,
  verifyEnvelope,
} from './signatures.ts'
export type { VerifiedAgreement } from './signatures.ts'
export { parseDispute, signDispute, verifyDispute } from './dispute.ts'
export type { Dispute, VerifiedDispute } from './dispute.ts'
export { isSettled, requireReading, underDispute } from './stricter-reading.ts'
export { parseOrder, signOrder, verifyOrder } from './order.ts'
export { reasonDigest } from './party-statement.ts'
export type { Order, VerifiedOrder } from './order.ts'
export { statementOf } from './statement.ts'
export type { AgreementStatement } from './statement.ts'
export { requireSuccessor } from './successor.ts'
export { upstreamName } from './upstream-name.ts'
export { vocabularyOf } from './vocabulary.ts'
export type { EntityType, Vocabulary } from './vocabulary.ts'
