/** Where a command writes, so that tests can read it. */
export interface CliIo {
  out(text: string): void
  err(text: string): void
}
