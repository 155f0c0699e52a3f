/** `servanda init`: makes keys and data, and puts signed agreements in force. */
import { initialise, initialiseGate, readSettings } from '../process/index.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'

const usage = `usage: servanda init --callers FILE [--demo] [--json] AGREEMENT …
       servanda init --gate --agency-vkey FILE [--demo] [--json] AGREEMENT …

  AGREEMENT      agreement files, in the order in which they come into force; beside each its
                 signatures in AGREEMENT.signatures.json
  --callers      a JSON list of callers; each gets a new API key, printed once
  --gate         for a provider's gate, which knows no callers
  --agency-vkey  the log.vkey of the agency's gate: what that log did not sign is not served
                 (default: the file of the setting SERVANDA_AGENCY_VKEY)
  --demo         sign with demonstration keys where there is no signature file: for trying out only
  --json         the result as one JSON object
`

export const init = command({
  usage,
  operands: { agreement: 'some' },
  options: { callers: 'optional', gate: 'flag', 'agency-vkey': 'optional', demo: 'flag' },
  async run({ agreement: agreements, callers, gate, 'agency-vkey': vkey, demo }, output) {
    const settings = readSettings(process.env, gate ? 'gate' : 'agency')
    const { data, keys, guard } = settings
    if (gate) {
      if (callers !== undefined) throw new CliError('CLI_USAGE', '--callers is not for a provider’s gate')
      const agencyVkey = requireGiven('--agency-vkey', vkey ?? settings.agencyVkey)
      await initialiseGate(settings, { agreements, agencyVkey, demo })
      output.answer({ data, keys, guard }, `${placesLine({ data, keys, guard })}\n`)
      return 0
    }
    if (vkey !== undefined)
      throw new CliError('CLI_USAGE', '--agency-vkey is for a provider’s gate: add --gate')
    const given = { agreements, callers: requireGiven('--callers', callers), demo }
    const issued = await initialise(settings, given)
    const result = { data, keys, guard, callers: Object.fromEntries(issued) }
    output.answer(result, summary(result))
    return 0
  },
})

function requireGiven(name: string, value: string | null | undefined): string {
  if (value !== undefined && value !== null) return value
  throw new CliError('CLI_USAGE', `${name} is missing`)
}

interface Made {
  readonly data: string
  readonly keys: string
  readonly guard: string
}

function placesLine({ data, keys, guard }: Made): string {
  return `data in ${data}, private keys in ${keys}, the last signed checkpoint in ${guard}`
}

function summary({ callers, ...made }: Made & { readonly callers: object }): string {
  const lines = Object.entries(callers).map(([id, key]) => `  ${id}  ${String(key)}`)
  return [placesLine(made), 'API keys of the callers, shown this once:', ...lines, ''].join('\n')
}
