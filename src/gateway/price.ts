/** What an exchange costs at worst and in the end, in millionths of the currency. */
import type { Price } from '../agreement/index.ts'
import type { Usage } from './chat/index.ts'

const perMillion = 1_000_000

/**
 * The most that one call can cost: a byte is at least as much as a token, so the request's bytes count as its
 * tokens; each choice may use its whole limit. Rounded up; infinite amounts never arise, for all three are bounded.
 */
export function worstCaseMicros(
  price: Price,
  call: { readonly requestBytes: number; readonly choices: number; readonly outputTokensMax: number },
): number {
  return (
    requestMicros(price, call.requestBytes) + call.choices * cost(call.outputTokensMax, price.outputMicros)
  )
}

/** The most that a request can cost to which no model has answered. */
export function requestMicros(price: Price, requestBytes: number): number {
  return cost(requestBytes, price.inputMicros)
}

/** What the upstream's own count comes to; without a count the worst case stands. */
export function settledMicros(price: Price, usage: Usage | null, worstCase: number): number {
  if (!usage) return worstCase
  return Math.min(
    cost(usage.inputTokens, price.inputMicros) + cost(usage.outputTokens, price.outputMicros),
    worstCase,
  )
}

function cost(tokens: number, microsPerMillion: number): number {
  return Math.ceil((tokens * microsPerMillion) / perMillion)
}
