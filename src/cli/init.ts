/** `servanda init`: makes keys and data, and puts signed agreements in force. */
import { parseArgs } from 'node:util'
import { initialise, readSettings } from '../process/index.ts'
import type { CliIo } from './io.ts'
import { failure } from './failure.ts'

const usage = `usage: servanda init --callers FILE [--demo] [--json] AGREEMENT …

  AGREEMENT  agreement files, in the order in which they come into force; beside each its
             signatures in AGREEMENT.signatures.json
  --callers  a JSON list of callers; each gets a new API key, printed once
  --demo     sign with demonstration keys where there is no signature file: for trying out only
  --json     the result as one JSON object
`

export async function init(args: readonly string[], io: CliIo): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { callers: { type: 'string' }, demo: { type: 'boolean' }, json: { type: 'boolean' } },
    })
    if (values.callers === undefined || positionals.length === 0) {
      io.err(usage)
      return 2
    }
    const settings = readSettings(process.env)
    const keys = await initialise(settings, {
      agreements: positionals,
      callers: values.callers,
      demo: values.demo ?? false,
    })
    const result = {
      data: settings.data,
      keys: settings.keys,
      guard: settings.guard,
      callers: Object.fromEntries(keys),
    }
    io.out(values.json ? `${JSON.stringify(result, null, 2)}\n` : summary(result))
    return 0
  } catch (error) {
    return failure(error, io, usage)
  }
}

function summary({
  data,
  keys,
  guard,
  callers,
}: {
  data: string
  keys: string
  guard: string
  callers: object
}): string {
  const lines = Object.entries(callers).map(([id, key]) => `  ${id}  ${String(key)}`)
  return [
    `data in ${data}, private keys in ${keys}, the last signed checkpoint in ${guard}`,
    'API keys of the callers, shown this once:',
    ...lines,
    '',
  ].join('\n')
}
