/** What an exclusion certificate counts, in words: their digest stands in every certificate, so they never change. */
import { digestOf } from '../base/index.ts'

const text = [
  'servanda/exclusion version 1.',
  'A call is an entry of kind intent in an agency’s log, or of kind served in the log of a provider’s gate.',
  'It ends with the first entry after it of kind outcome whose member intent, or of kind served-end whose member served, is its index.',
  'The period is from from, inclusive, to to, exclusive; an entry lies in it if its time does.',
  'A call falls into the period if its entry lies in it, or if its entry stands before it and no entry that ends it has a time before from.',
  'A call is to the supplier if its member provider is the supplier’s code, or if it has no member provider.',
  'toSupplier is the count of calls to the supplier that fall into the period.',
  '',
].join('\n')

export const exclusionPredicate = {
  name: 'servanda/exclusion',
  version: 1,
  /** As it is printed in docs/evidence.md. */
  text,
  hash: digestOf(text),
} as const
