/** `servanda serve`: puts what is in force between callers and models. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { initialise, isInitialised, placesOf, readSettings, serve as startServing } from '../process/index.ts'
import type { Serving, Settings } from '../process/index.ts'
import { failure } from './failure.ts'
import type { CliIo } from './io.ts'

const usage = `usage: servanda serve [--demo] [--json]

  --demo  where nothing was initialised yet, put the example agreements in force, signed with
          demonstration keys, before a rehearsal model: for trying out only
  --json  print one JSON object when ready
`

const demoAgreements = ['department/v1', 'department/v2', 'hospital/v1', 'ended/v1'].map((name) =>
  exampleFile(`${name}.md`),
)

/** Serves until SIGINT or SIGTERM; exit code 1 when the gateway had to end itself, 2 when it could not start. */
export async function serve(args: readonly string[], io: CliIo): Promise<number> {
  let serving: Serving
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { demo: { type: 'boolean' }, json: { type: 'boolean' } },
    })
    const settings = readSettings(process.env)
    if (values.demo && !isInitialised(settings)) {
      await initialise(settings, {
        agreements: demoAgreements,
        callers: exampleFile('demo-callers.json'),
        demo: true,
      })
    }
    const ended = untilSignal()
    serving = await startServing(settings, { warn: (message) => io.err(`servanda: ${message}\n`) })
    io.out(values.json ? readyJson(serving, settings) : readyText(serving, settings, values.demo ?? false))
    await Promise.race([ended, serving.failed])
  } catch (error) {
    failure(error, io, usage)
    // The recorder is in an unknown state, or never started: the only safe way on is a new start.
    return 2
  }
  await serving.close()
  return 0
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

function exampleFile(name: string): string {
  return new URL(`../../examples/${name}`, import.meta.url).pathname
}

function readyJson({ port, inForce, demo }: Serving, settings: Settings): string {
  const { evidence } = placesOf(settings)
  return `${JSON.stringify({ ready: true, port, url: url(port), inForce, demo, evidence })}\n`
}

function url(port: number): string {
  return `http://localhost:${port}`
}

function readyText({ port, inForce, demo }: Serving, settings: Settings, demoCallers: boolean): string {
  const places = placesOf(settings)
  return [
    `Servanda ${inForce.join(', ')} in force`,
    ...(demo
      ? ['DEMONSTRATION: anyone can make the keys that signed this, and no model answers but a rehearsal']
      : []),
    '',
    `  address   ${url(port)}/v1   (OpenAI Chat Completions; only this machine unless SERVANDA_HOST says otherwise)`,
    `  evidence  ${places.evidence}   (npm run -s servanda -- verify ${places.evidence})`,
    ...(demoCallers ? demoText(places.demoCallerKeys, port) : []),
    '',
    '',
  ].join('\n')
}

function demoText(path: string, port: number): string[] {
  const keys = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)
  const clerk = keys.find(([id]) => id === 'medical-clerk') ?? keys[0]
  return [
    `  callers   ${path}`,
    ...keys.map(([id, key]) => `            ${id.padEnd(22)} ${key}`),
    '',
    'Try it:',
    '',
    `  curl -s ${url(port)}/v1/chat/completions -H 'authorization: Bearer ${clerk?.[1] ?? ''}' \\`,
    "    -H 'content-type: application/json' \\",
    '    -d \'{"model":"general","messages":[{"role":"user","content":"Draft a reminder for the vaccination clinic."}]}\'',
    '',
    '  npm run -s servanda -- rehearse',
  ]
}
