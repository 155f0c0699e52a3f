/** Certificates: signed statements that anyone recomputes from the entries, and the comparison of two logs. */
export { CertificateError } from './certificate-error.ts'
export type { CertificateErrorCode } from './certificate-error.ts'
export { certificateLimits } from './limits.ts'
export { exclusionPredicate } from './predicate.ts'
export { exclusionStatement, openExclusion } from './exclusion.ts'
export type { Exclusion } from './exclusion.ts'
export type { ExclusionQuery, ExclusionStatement, Period } from './statement.ts'
export {
  parseCertificate,
  verifyCertificateSignature,
  verifyCertificateStatement,
} from './certificate.ts'
export type { SignedCertificate } from './certificate.ts'
export { issueExclusion } from './issue.ts'
export type { Issuer } from './issue.ts'
export { openReconciliation } from './reconcile.ts'
export type { ReconcileOptions } from './reconcile.ts'
export type { Difference, DifferenceKind, EndsDiffer, NotServed, Reconciliation } from './difference.ts'
