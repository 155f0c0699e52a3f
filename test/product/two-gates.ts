/** Both gates as real programs before a model of this machine, and a wire between them that a test can read. */
import { createServer, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { initialise, startModel } from './model.ts'
import type { Keys, LocalModel } from './model.ts'
import { makeHome, run, start } from './program.ts'
import type { Home, Program } from './program.ts'

/** What the provider's gate sends to the model, and nobody else knows. */
export const credential = 'credential-of-the-model'

/** A call as it went from one gate to the other. */
export interface Sent {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

interface Wire extends AsyncDisposable {
  readonly url: string
  readonly sent: Sent[]
  /** Where it leads. */
  to: string
}

/** Passes everything on as it is, and remembers it: what somebody between the gates would see. */
async function openWire(to: string): Promise<Wire> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      wire.sent.push({ headers: request.headers, body })
      const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => name !== 'host'))
      const onward = httpRequest(`${wire.to}${request.url ?? ''}`, { method: 'POST', headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.on('error', () => response.destroy())
        answer.pipe(response)
      })
      onward.on('error', () => response.destroy())
      response.on('close', () => onward.destroy())
      onward.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const wire: Wire = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: [],
    to,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return wire
}

export interface TwoGates extends AsyncDisposable {
  readonly model: LocalModel
  readonly keys: Keys
  readonly agency: { readonly home: Home; readonly program: Program }
  readonly gate: { readonly home: Home; program: Program }
  readonly wire: Wire
  /** Kills nothing: starts the provider's gate again over what it left, and leads the wire there. */
  restartGate(): Promise<void>
}

/** Opens everything or, when one part fails, leaves nothing behind. */
export async function openTwoGates(workers: string): Promise<TwoGates> {
  await using opened = new AsyncDisposableStack()
  const [home, gateHome] = [opened.use(makeHome()), opened.use(makeHome())]
  const model = opened.use(await startModel())
  const keys = await initialise(home, model.baseUrl)
  await initialiseGate(gateHome, home)
  const startGate = () => start(gateHome, [], { command: 'gate', settings: { SERVANDA_WORKERS: workers } })
  const gate = { home: gateHome, program: await startGate() }
  opened.defer(() => gate.program.kill())
  const wire = opened.use(await openWire(gate.program.url))
  const settings = { SERVANDA_WORKERS: workers, SERVANDA_GATES: wire.url }
  const program = await start(home, [], { settings })
  opened.defer(() => program.kill())
  const owned = opened.move()
  return {
    model,
    keys,
    agency: { home, program },
    gate,
    wire,
    async restartGate() {
      gate.program = await startGate()
      wire.to = gate.program.url
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The agreement of the agency's gate in a gate of its provider, which alone has the model's credential. */
async function initialiseGate(gate: Home, agency: Home): Promise<void> {
  const vkey = join(agency.data, 'evidence', 'log.vkey')
  const agreement = join(agency.root, 'sample.md')
  const { code, err } = await run(gate, ['init', '--gate', '--demo', '--agency-vkey', vkey, agreement])
  if (code !== 0) throw new Error(`init ended with ${String(code)}: ${err}`)
  writeFileSync(join(gate.keys, 'upstreams.json'), JSON.stringify({ general: credential }), { mode: 0o600 })
}
