/** Oversight: what people are shown, who may decide, and what their decisions amount to. */
export { newSubject, rebindSubject, subjectDigest } from './subject.ts'
export type { CallSubject, HoldSubject } from './subject.ts'
