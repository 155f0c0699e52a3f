/** What an agreement may have at most: everything is bounded before it is read further. */

export const limits = {
  fileBytes: 1_048_576,
  listEntries: 10_000,
  clauses: 10_000,
  /** Policies written by the parties. */
  policies: 1_000,
  /** Rules that the lines of the schedule make. */
  generated: 2_500,
  exclusions: 1_000,
  delegations: 1_000,
  integrators: 1_000,
  levels: 200,
  unitDepth: 32,
  signersPerParty: 100,
  keysPerSigner: 10,
  /** Days of a period. */
  days: 36_500,
  personsCap: 1_000_000_000,
  personsPerLevel: 9,
  /** Persons who hold one role. */
  holders: 1_000_000,
  phrasesPerSignal: 1_000,
  phraseChars: 500,
  titleChars: 1_000,
  idChars: 63,
  policyChars: 262_144,
  /** Operators and brackets of one policy, and how deep brackets nest: Cedar reads recursively. */
  policyOperators: 400,
  policyNesting: 24,
  outputTokens: 100_000_000,
  version: 1_000_000,
  /** Errors, and as many warnings. */
  diagnostics: 500,
  messageChars: 1_000,
} as const
