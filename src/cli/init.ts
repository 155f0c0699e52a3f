/** `servanda init`: makes keys and data, and puts signed agreements in force. */
import { initialise, readSettings } from '../process/index.ts'
import { command } from './command.ts'

const usage = `usage: servanda init --callers FILE [--demo] [--json] AGREEMENT …

  AGREEMENT  agreement files, in the order in which they come into force; beside each its
             signatures in AGREEMENT.signatures.json
  --callers  a JSON list of callers; each gets a new API key, printed once
  --demo     sign with demonstration keys where there is no signature file: for trying out only
  --json     the result as one JSON object
`

export const init = command({
  usage,
  operands: { agreement: 'some' },
  options: { callers: 'needed', demo: 'flag' },
  async run({ agreement: agreements, callers, demo }, output) {
    const settings = readSettings(process.env)
    const issued = await initialise(settings, { agreements, callers, demo })
    const { data, keys, guard } = settings
    const result = { data, keys, guard, callers: Object.fromEntries(issued) }
    output.answer(result, summary(result))
    return 0
  },
})

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
