/** Sealed records and the commitments by which one field of one of them can be shown. */
export { commitmentRoot, committedFields } from './commitments.ts'
export type { CommittedField, FieldValues } from './commitments.ts'
export { pseudonym } from './pseudonym.ts'
export type { PseudonymKind } from './pseudonym.ts'
export { disclose, isDisclosed } from './disclosure.ts'
export type { Disclosable, Disclosure } from './disclosure.ts'
export {
  IntentReceiptError,
  formatIntentReceipt,
  intentReceiptCharsMax,
  openIntentReceipt,
  requireBody,
  verifyIntentReceipt,
} from './intent-receipt.ts'
export type { IntentReceiptErrorCode, RecordedIntent, VerifiedIntent } from './intent-receipt.ts'
export { RecordError, openRecord, sealRecord, wrappingKey } from './sealed-record.ts'
export type {
  RecordContent,
  RecordErrorCode,
  RecordPlace,
  SealedRecord,
  WrappingKey,
} from './sealed-record.ts'
