/** Where calls go: to a route's own upstream, or to the gate of its provider. */
import { systemClock } from '../base/index.ts'
import type { RouteInForce } from '../standing/index.ts'
import { openGateUpstream, openUpstream } from '../upstream/index.ts'
import type { Upstream } from '../upstream/index.ts'
import { gateOf } from './settings.ts'
import type { Gates } from './settings.ts'

/** One upstream per address and credential, opened when it is first used. */
export class Upstreams implements AsyncDisposable {
  readonly #credentials: ReadonlyMap<string, string>
  readonly #gates: Gates | null
  readonly #open = new Map<string, Upstream>()

  /** `credentials` by route; a gate gets none, for it has the only ones. */
  constructor(credentials: ReadonlyMap<string, string>, gates: Gates | null) {
    this.#credentials = credentials
    this.#gates = gates
  }

  of({ route, model }: RouteInForce): Upstream {
    const gate = gateOf(this.#gates, model.provider)
    if (gate !== null) return this.#opened(`gate ${gate}`, () => openGateUpstream(gate))
    const credential = this.#credentials.get(route.id)
    return this.#opened(`${route.id} ${route.upstream}`, () =>
      openUpstream(route, { clock: systemClock, ...(credential === undefined ? {} : { credential }) }),
    )
  }

  #opened(key: string, open: () => Upstream): Upstream {
    const upstream = this.#open.get(key) ?? open()
    this.#open.set(key, upstream)
    return upstream
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.values()].map((upstream) => upstream[Symbol.asyncDispose]()))
  }
}
