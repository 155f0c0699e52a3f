/** Any model behind an OpenAI-compatible base URL, over undici's dispatch. */
import { Pool } from 'undici'
import { LiveCall } from './live-call.ts'
import { UpstreamError, defaultLimits } from './upstream.ts'
import type { Upstream, UpstreamLimits } from './upstream.ts'

const intentHeader = 'servanda-intent'

export interface OpenaiCompatibleOptions {
  /** Such as `http://model.internal:8000/v1`. */
  readonly baseUrl: string
  /** Sent as `authorization: Bearer …`; it stands in no log, no message and no error. */
  readonly credential?: string
  /** A provider's gate stands there: the intent receipt is sent along, and its word of refusal is heard. */
  readonly gate?: true
  readonly limits?: Partial<UpstreamLimits>
}

/**
 * Sends exactly the bytes it is given, with headers of its own and none of the caller's. Follows no redirect,
 * tries nothing twice, asks for no compression. Throws `UPSTREAM_CONFIGURATION` when the base URL or the
 * credential cannot be used.
 */
export function openaiCompatible(options: OpenaiCompatibleOptions): Upstream {
  const limits = { ...defaultLimits, ...options.limits }
  const base = parseBaseUrl(options.baseUrl)
  const headers = fixedHeaders(options.credential)
  const pool = new Pool(base.origin, {
    connections: limits.callsMax,
    pipelining: 1,
    connect: { timeout: limits.connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  let calls = 0

  return {
    kind: 'live',
    ...(options.gate ? { asksIntent: true as const } : {}),
    async send(request) {
      if (request.signal.aborted) throw new UpstreamError('UPSTREAM_UNREACHABLE', 'the call was aborted')
      if (calls >= limits.callsMax) {
        throw new UpstreamError('UPSTREAM_BUSY', `${limits.callsMax} calls are under way already`)
      }
      calls++
      const call = new LiveCall(
        { limits, hearsRefusal: options.gate ?? false },
        request.signal,
        () => calls--,
      )
      const intent = options.gate && request.intent !== undefined ? { [intentHeader]: request.intent } : {}
      const accept = request.stream ? 'text/event-stream' : 'application/json'
      pool.dispatch(
        {
          method: 'POST',
          path: base.path + request.path,
          headers: { ...headers, accept, ...intent },
          body: request.body,
        },
        call,
      )
      return call.response
    },
    async [Symbol.asyncDispose]() {
      await pool.destroy()
    },
  }
}

function parseBaseUrl(text: string): { origin: string; path: string } {
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UpstreamError(
      'UPSTREAM_CONFIGURATION',
      'the base URL of an upstream begins with http:// or https://',
    )
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new UpstreamError(
      'UPSTREAM_CONFIGURATION',
      'the base URL of an upstream holds no user, password, query or fragment',
    )
  }
  return { origin: url.origin, path: url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : url.pathname }
}

function fixedHeaders(credential: string | undefined): Record<string, string> {
  const headers = { 'content-type': 'application/json', 'accept-encoding': 'identity' }
  if (credential === undefined) return headers
  if (!/^[\x21-\x7e]+$/.test(credential)) {
    throw new UpstreamError(
      'UPSTREAM_CONFIGURATION',
      'the credential of an upstream is printable ASCII without blanks',
    )
  }
  return { ...headers, authorization: `Bearer ${credential}` }
}
