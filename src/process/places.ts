/** Which file lies where. */
import { join } from 'node:path'
import type { Settings } from './settings.ts'

export interface Places {
  readonly database: string
  readonly callers: string
  /** Who may decide about holds; none where it is not there. */
  readonly reviewers: string
  /** The socket for holds, orders and certificates. */
  readonly control: string
  /** The verifier key of the agency's log, at a provider's gate. */
  readonly agencyVkey: string
  /** What verifiers read: `checkpoint`, `tile/`, `log.vkey`. */
  readonly evidence: string
  readonly logVkey: string
  readonly logKey: string
  readonly recordKey: string
  /** API keys of the demonstration's callers, in the clear. */
  readonly demoCallerKeys: string
  /** Credentials for models, by route. */
  readonly upstreamCredentials: string
  readonly guard: string
}

export function placesOf({ data, keys, guard }: Pick<Settings, 'data' | 'keys' | 'guard'>): Places {
  return {
    database: join(data, 'recorder.sqlite'),
    callers: join(data, 'callers.json'),
    reviewers: join(data, 'reviewers.json'),
    control: join(data, 'control.sock'),
    agencyVkey: join(data, 'agency.vkey'),
    evidence: join(data, 'evidence'),
    logVkey: join(data, 'evidence', 'log.vkey'),
    logKey: join(keys, 'log.key'),
    recordKey: join(keys, 'record.key'),
    demoCallerKeys: join(keys, 'demo-callers.json'),
    upstreamCredentials: join(keys, 'upstreams.json'),
    guard,
  }
}
