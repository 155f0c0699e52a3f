/** Everything that runs in this worker, by scope, each with an abort: so that an order or an amendment ends it. */

export interface RunningScope {
  readonly exchange: string
  readonly agreement: string
  readonly unit: string
  readonly route: string
}

export interface Running extends Disposable {
  /** Fires when the exchange must end, and when it is over. */
  readonly signal: AbortSignal
  /** Ends it; the first reason stays. */
  abort(reason: Error): void
}

export class RunningExchanges {
  readonly #running = new Map<string, { readonly scope: RunningScope; readonly abort: AbortController }>()

  get size(): number {
    return this.#running.size
  }

  /** Registers an exchange until it is disposed of; `signal` fires when it must end. */
  start(scope: RunningScope): Running {
    const abort = new AbortController()
    this.#running.set(scope.exchange, { scope, abort })
    return {
      signal: abort.signal,
      abort: (reason) => abort.abort(reason),
      [Symbol.dispose]: () => void this.#running.delete(scope.exchange),
    }
  }

  /** Ends all that `matches` and says how many that were. */
  abortWhere(matches: (scope: RunningScope) => boolean, reason: Error): number {
    const ended = [...this.#running.values()].filter(({ scope }) => matches(scope))
    for (const { abort } of ended) abort.abort(reason)
    return ended.length
  }
}
