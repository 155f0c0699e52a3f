/** Typed errors: one class, a closed union of codes per room, every code listed in docs/errors.md. */

export class ServandaError<Code extends string = string> extends Error {
  override readonly name: string = 'ServandaError'
  readonly code: Code

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Says that we are wrong, not the world: the program must stop. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}

/** The message of anything thrown, for logs and for wrapping; never shown to a caller. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

export function isErrorCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code
}
