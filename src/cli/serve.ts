/** `servanda serve`: puts what is in force between callers and models. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  beginInitialisation,
  gateBeside,
  initialise,
  initialiseGate,
  isInitialised,
  placesOf,
  readSettings,
  requireSameAgency,
  serve as startServing,
  startChildGate,
  wasInterrupted,
} from '../process/index.ts'
import type { ChildGate, Serving, Settings } from '../process/index.ts'
import { command } from './command.ts'
import { readyJson, readyLines, serveUntil, untilEnd, urlOf } from './serving.ts'

const usage = `usage: servanda serve [--demo] [--json]

  --demo  where nothing was initialised yet, put the example agreements in force, signed with
          demonstration keys, before a rehearsal model: for trying out only. Starts a provider's
          gate beside it, unless SERVANDA_GATES says where one is
  --json  print one JSON object, in one line, when ready
`

const demonstration = {
  agreements: ['department/v1.md', 'department/v2.md', 'hospital/v1.md', 'ended/v1.md'].map(exampleFile),
  callers: exampleFile('demo-callers.json'),
  reviewers: exampleFile('demo-reviewers.json'),
  demo: true,
}

/** Serves until SIGINT or SIGTERM; exit code 1 when the gateway had to end itself, 2 when it could not start. */
export const serve = command({
  usage,
  operands: {},
  options: { demo: 'flag' },
  async run({ demo }, output) {
    const ended = untilEnd()
    const warn = (message: string): void => output.err(`servanda: ${message}\n`)
    const settings = readSettings(process.env)
    const beside = demo && settings.gates === null ? gateBeside(settings) : null
    if (demo) await initialiseDemonstration(settings, beside)
    await using gate = beside && isInitialised(beside) ? await startGate(beside, settings, warn) : null
    const serving = await startServing(gate ? { ...settings, gates: gate.url } : settings, { warn })
    let isEnding = false
    void gate?.ended.then((how) => {
      if (!isEnding) warn(`the provider's gate ${how}: every call fails until both are started again`)
    })
    // In one line, and not by `answer`: whoever started it waits for this line, and not for the end of the output.
    output.out(
      output.json ? readyJson(serving, settings, besideJson(gate)) : readyText(serving, settings, gate),
    )
    void ended.then(() => (isEnding = true))
    return await serveUntil(ended, serving, output)
  },
})

/**
 * Both gates, each with keys and data of its own, where nothing is. The gate is marked as begun before the agency's is
 * made, so that after a crash between them the next start knows that it is owed.
 */
async function initialiseDemonstration(agency: Settings, gate: Settings | null): Promise<void> {
  if (!isInitialised(agency)) {
    if (gate && !wasInterrupted(gate)) beginInitialisation(gate)
    await initialise(agency, demonstration)
  }
  if (gate && wasInterrupted(gate)) {
    const { agreements, demo } = demonstration
    await initialiseGate(gate, { agreements, demo, agencyVkey: placesOf(agency).logVkey })
  }
}

function startGate(gate: Settings, agency: Settings, warn: (message: string) => void): Promise<ChildGate> {
  requireSameAgency(gate, agency)
  return startChildGate(gate, warn)
}

function exampleFile(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url))
}

function besideJson(gate: ChildGate | null): object {
  return gate ? { gate: { url: gate.url, evidence: gate.evidence } } : {}
}

function readyText(serving: Serving, settings: Settings, gate: ChildGate | null): string {
  const places = placesOf(settings)
  const address = urlOf(serving, settings)
  return [
    ...readyLines(serving),
    ...(gate ? ['BOTH GATES HERE: one party runs them, so neither holds the other.'] : []),
    '',
    `  address   ${address}/v1   (OpenAI Chat Completions; listens on ${settings.host})`,
    `  evidence  ${places.evidence}`,
    ...(gate
      ? [`  gate      ${gate.url}   (the provider's: serves nobody else)`, `  evidence  ${gate.evidence}`]
      : []),
    ...(existsSync(places.demoCallerKeys) ? demoText(places.demoCallerKeys, address) : []),
    '',
    '',
  ].join('\n')
}

function demoText(path: string, address: string): string[] {
  const keys = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)
  const clerk = keys.find(([id]) => id === 'medical-clerk') ?? keys[0]
  const request =
    '{"model":"general","messages":[{"role":"user","content":"Draft a reminder for the vaccination clinic."}]}'
  return [
    `  callers   ${path}`,
    ...keys.map(([id, key]) => `            ${id.padEnd(22)} ${key}`),
    '',
    'Try it, in another terminal:',
    '',
    `  curl -s ${address}/v1/chat/completions -H 'authorization: Bearer ${clerk?.[1] ?? ''}' \\`,
    `    -H 'content-type: application/json' -d '${request}'`,
    '',
    '  npm run -s servanda -- rehearse',
    '  npm run -s servanda -- verify',
  ]
}
