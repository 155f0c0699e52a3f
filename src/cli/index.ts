/** The commands, one file each. */
import { check } from './check.ts'
import { explain } from './explain.ts'
import { init } from './init.ts'
import type { Command } from './command.ts'
import { prove } from './prove.ts'
import { rehearse } from './rehearse.ts'
import { serve } from './serve.ts'
import { verify } from './verify.ts'

export type { CliIo } from './io.ts'

export const commands: Readonly<Record<string, Command>> = {
  init,
  serve,
  check,
  explain,
  verify,
  prove,
  rehearse,
}

export const help = `usage: servanda COMMAND …

  init       make keys and data, and put signed agreements in force
  serve      run the gateway
  check      what is wrong with an agreement file
  explain    what an agreement decides about a request, and why
  verify     audit the evidence from its files
  prove      turn a receipt into a proof that any C2SP verifier reads
  rehearse   play scripted calls against a running gateway

Each command tells its options with --help, and prints one JSON object with --json. Exit code 0: good;
1: a finding; 2: wrong usage or bad input. Settings: SERVANDA_PORT, SERVANDA_HOST, SERVANDA_DATA,
SERVANDA_KEYS, SERVANDA_GUARD, SERVANDA_WORKERS, SERVANDA_ORIGIN, or a JSON file named by SERVANDA_SETTINGS.
`
