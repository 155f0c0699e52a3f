/** `servanda gate`: the provider's gate, which stands at the model and serves what the agency's log let out. */
import { placesOf, readSettings, serve as startServing } from '../process/index.ts'
import type { Serving, Settings } from '../process/index.ts'
import { command } from './command.ts'
import { readyJson, readyLines, serveUntil, untilEnd, urlOf } from './serving.ts'

const usage = `usage: servanda gate [--json]

  --json  print one JSON object, in one line, when ready

  Serves calls for which the agency's log holds an intent, with the credentials in upstreams.json beside its key.
  Before that: servanda init --gate. The agency's gate finds it by the setting SERVANDA_GATES.
`

/** Serves until SIGINT or SIGTERM; exit code 1 when the gate had to end itself, 2 when it could not start. */
export const gate = command({
  usage,
  operands: {},
  options: {},
  async run(_, output) {
    const ended = untilEnd()
    const settings = readSettings(process.env, 'gate')
    const serving = await startServing(settings, { warn: (message) => output.err(`servanda: ${message}\n`) })
    // In one line, and not by `answer`: whoever started it waits for this line, and not for the end of the output.
    output.out(output.json ? readyJson(serving, settings) : readyText(serving, settings))
    return serveUntil(ended, serving, output)
  },
})

function readyText(serving: Serving, settings: Settings): string {
  return [
    ...readyLines(serving),
    '',
    `  gate      ${urlOf(serving, settings)}   (for the agency's gate: SERVANDA_GATES; listens on ${settings.host})`,
    `  evidence  ${placesOf(settings).evidence}`,
    '',
    '',
  ].join('\n')
}
