/**
 * What nothing here shows. These sentences stand in every certificate of version 1, so they never change: other
 * sentences need another version.
 */
export const certificateLimits: readonly string[] = [
  'It shows what passed this gate; not use elsewhere, nor what was done with an answer afterwards.',
  'A supplier is the code that the agreements give it; who stands behind a code, they say and not the log.',
  'A breach that does not say so may pass.',
  'Purpose, provenance, consumer and nationality are declared.',
  'It rests on the log of one party: root on both gates defeats it, and without an outside witness it proves nothing against the operator.',
  'Times are those of the operator’s clock.',
  'An approval proves that a credential signed, not judgement.',
  'The gate fails closed, so keep a manual procedure.',
  'A stop recalls nothing that was released.',
  'The clauses are ours; no accreditation is claimed.',
  'It records staff.',
]
