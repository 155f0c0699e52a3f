/** Where a command writes, and whom it may ask, so that tests can stand in for both. */

/** One line that is typed and not shown. Fails with `CLI_PASSPHRASE` where the person breaks off. */
export type Ask = (prompt: string) => Promise<string>

export interface CliIo {
  out(text: string): void
  err(text: string): void
  /** Absent where no person sits at a terminal. */
  readonly ask?: Ask
}
