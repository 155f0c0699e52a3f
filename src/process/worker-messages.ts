/** What the primary and its workers say to each other beside the recorder's messages. */

export type FromWorker =
  | {
      readonly kind: 'ready'
      readonly port: number
      readonly inForce: readonly string[]
      readonly demo: boolean
    }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'fault'; readonly message: string }
  /** Asks for the metrics of all workers. */
  | { readonly kind: 'metrics'; readonly id: number }

export type ToWorker =
  /** Null where they could not be added up. */
  { readonly kind: 'metrics'; readonly id: number; readonly text: string | null } | { readonly kind: 'close' }

/** The environment variable in which a worker finds the settings of its primary. */
export const settingsVariable = 'SERVANDA_WORKER_SETTINGS'
