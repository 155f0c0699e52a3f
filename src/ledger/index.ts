/** The ledger: entries, the Merkle tree over them, checkpoints, proofs, receipts, and their verification. */
export { formatLeaf, parseLeaf, writeLeaf } from './leaf-bytes.ts'
export { intentWindowMs, turnedAwayReasons } from './leaf.ts'
export type {
  ActivationLeaf,
  AnnouncedLeaf,
  CertificateLeaf,
  DisputeLeaf,
  EnrolledReviewer,
  GapLeaf,
  HoldDecidedLeaf,
  HoldExpiredLeaf,
  IntentLeaf,
  InterruptedLeaf,
  Leaf,
  OpenedLeaf,
  OrderLeaf,
  OutcomeLeaf,
  OutcomeStatus,
  RefusalLeaf,
  ReviewersLeaf,
  ServedEndLeaf,
  ServedLeaf,
  ServedStatus,
  TurnedAwayLeaf,
  TurnedAwayReason,
} from './leaf.ts'
export { LedgerError } from './ledger-error.ts'
export type { LedgerErrorCode } from './ledger-error.ts'
export {
  emptyRoot,
  leafHash,
  merkleRoot,
  nodeHash,
  openFrontier,
  proveConsistency,
  proveInclusion,
  restoreFrontier,
  rootOfHashes,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts'
export type { ConsistencyClaim, Frontier, HashReader, InclusionClaim } from './merkle.ts'
export { formatVkey, parseVkey, signNote, verifyNote } from './note.ts'
export type { NoteSigner, VerifiedNote, VerifiedSignature, Verifier } from './note.ts'
export {
  formatCheckpoint,
  parseCheckpoint,
  readCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from './checkpoint.ts'
export type { Checkpoint, TreeHead, VerifiedCheckpoint } from './checkpoint.ts'
export { openGuard } from './checkpoint-guard.ts'
export type { CheckpointGuard } from './checkpoint-guard.ts'
export { newTiles, tilePath } from './tiles.ts'
export type { Tile } from './tiles.ts'
export { directoryTiles, tileHashes } from './tile-reader.ts'
export type { TileReader } from './tile-reader.ts'
export { publishCheckpoint, writeTiles } from './tile-writer.ts'
export type { ReadEntries } from './tile-writer.ts'
export { openPublished } from './read-entries.ts'
export type { PublishedEntries } from './read-entries.ts'
export { IdSet } from './id-set.ts'
export { formatReceipt, issueReceipt, parseReceipt, signReceipt, verifyReceipt } from './receipt.ts'
export type { Receipt, SignedReceipt } from './receipt.ts'
export { formatGrowth, formatProof, parseProof, proveEntry, verifyProof } from './proof.ts'
export type { EntryProof } from './proof.ts'
export { SignedCheck } from './check-signed.ts'
export type { CameAbout, SignedChecks } from './check-signed.ts'
export { entryOf, openHistory } from './history.ts'
export type { History, Signed } from './history.ts'
export type { StopInForce } from './history-agreements.ts'
export type { Decision, HoldSummary, Redemption } from './history-holds.ts'
export { ledgerChecks, verifyLedger } from './verify.ts'
export type { LedgerCheck, LedgerSummary, VerifyOptions } from './verify.ts'
