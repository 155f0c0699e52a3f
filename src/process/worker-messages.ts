/** What the primary and its workers say to each other beside the recorder's messages. */

/** What a gateway tells about itself when it is ready. */
export interface Ready {
  readonly port: number
  /** Agreements in force, as `id@version`. */
  readonly inForce: readonly string[]
  /** Demonstration keys signed one of them. */
  readonly demo: boolean
  /** No route leads to a model; all of them rehearse. */
  readonly rehearsal: boolean
}

export type FromWorker =
  | ({ readonly kind: 'ready' } & Ready)
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'fault'; readonly message: string }
  /** Asks for the metrics of all workers. */
  | { readonly kind: 'metrics'; readonly id: number }

export type ToWorker =
  /** Null where they could not be added up. */
  { readonly kind: 'metrics'; readonly id: number; readonly text: string | null } | { readonly kind: 'close' }

/** The environment variable in which a worker finds the settings of its primary. */
export const settingsVariable = 'SERVANDA_WORKER_SETTINGS'
