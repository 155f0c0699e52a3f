/** The door to the models: one contract, and the upstream that a route of the schedule names. */
import type { Route } from '../agreement/index.ts'
import type { Clock } from '../base/index.ts'
import { openaiCompatible } from './openai-compatible.ts'
import { rehearsal } from './rehearsal.ts'
import type { Upstream, UpstreamLimits } from './upstream.ts'

export { UpstreamError } from './upstream.ts'
export type {
  Upstream,
  UpstreamErrorCode,
  UpstreamLimits,
  UpstreamRequest,
  UpstreamResponse,
} from './upstream.ts'

export interface OpenUpstreamOptions {
  readonly clock: Clock
  readonly credential?: string
  readonly limits?: Partial<UpstreamLimits>
}

/** `rehearsal`, or the base URL of an OpenAI-compatible endpoint. The caller disposes of it. */
export function openUpstream(route: Pick<Route, 'upstream'>, options: OpenUpstreamOptions): Upstream {
  return route.upstream === 'rehearsal'
    ? rehearsal(options)
    : openaiCompatible({ ...options, baseUrl: route.upstream })
}

/** A provider's gate at this base URL, such as `http://gate.internal:8421`. The caller disposes of it. */
export function openGateUpstream(url: string, limits: Partial<UpstreamLimits> = {}): Upstream {
  return openaiCompatible({ baseUrl: `${url.replace(/\/$/, '')}/v1`, gate: true, limits })
}
