/** A model on this machine that does what a test tells it to, and an agreement that names it. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleText } from '../../src/agreement/sample-agreement.ts'
import { run } from './program.ts'
import type { Home } from './program.ts'

export interface ModelRequest {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly [field: string]: unknown
}

export type Play = (request: ModelRequest, response: ServerResponse) => void | Promise<void>

export interface LocalModel extends AsyncDisposable {
  readonly baseUrl: string
  /** What it has been asked, byte for byte, with headers. */
  readonly asked: { readonly body: string; readonly headers: IncomingMessage['headers'] }[]
  /** Requests whose caller went away before the answer was whole. */
  readonly abandoned: () => number
  /** What it does with the next requests. */
  play: Play
}

export async function startModel(): Promise<LocalModel> {
  let abandoned = 0
  const asked: LocalModel['asked'] = []
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) abandoned++
    })
    void bodyOf(request).then((body) => {
      asked.push({ body, headers: request.headers })
      return model.play(JSON.parse(body) as ModelRequest, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const model: LocalModel = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    abandoned: () => abandoned,
    play: say('Gladly.'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return model
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

const head = { id: 'chatcmpl-1', created: 1, model: 'the-model' }
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

export function completion(message: object, finish = 'stop'): object {
  const choices = [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }]
  return { ...head, object: 'chat.completion', choices, usage }
}

export function chunk(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices })}\n\n`
}

export const usageChunk = `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage })}\n\n`
export const done = 'data: [DONE]\n\n'

export function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

export function openStream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream' })
}

/** Answers with these texts: streamed one by one, or joined. */
export function say(...texts: readonly string[]): Play {
  return (request, response) => {
    if (request.stream !== true) {
      json(response, completion({ content: texts.join('') }))
      return
    }
    openStream(response)
    for (const text of texts) response.write(chunk({ content: text }))
    response.end(chunk({}, 'stop') + usageChunk + done)
  }
}

/** Calls one tool: whole, or with name and arguments cut over several pieces. */
export function callTool(name: string, args: string): Play {
  const call = { id: 'call_1', type: 'function', function: { name, arguments: args } }
  return (request, response) => {
    if (request.stream !== true) {
      json(response, completion({ content: null, tool_calls: [call] }, 'tool_calls'))
      return
    }
    const half = Math.ceil(args.length / 2)
    const pieces = [
      { index: 0, id: 'call_1', type: 'function', function: { name, arguments: '' } },
      { index: 0, function: { arguments: args.slice(0, half) } },
      { index: 0, function: { arguments: args.slice(half) } },
    ]
    openStream(response)
    for (const piece of pieces) response.write(chunk({ tool_calls: [piece] }))
    response.end(chunk({}, 'tool_calls') + usageChunk + done)
  }
}

/** Says `text` and then nothing more, until the other side goes away. */
export function hangAfter(text: string): Play {
  return (request, response) => {
    if (request.stream === true) openStream(response).write(chunk({ content: text }))
  }
}

/** A prohibited answer under 4.1 of the sample agreement. */
export const prohibited = 'Track the movements of every citizen in the capital.'

const routes = (baseUrl: string): string => `
  general: { model: large, upstream: "${baseUrl}", price: { input: 3, output: 0.5 }, outputTokensMax: 4096, clause: "2" }
  rehearsed: { model: small, upstream: rehearsal, price: { input: 3, output: 0.5 }, outputTokensMax: 4096, clause: "2" }`

const body = `### 4.2 Sending waits

\`\`\`cedar
forbid (principal, action == Action::"send", resource)
unless { context.approvals.contains(Level::"two-person") };
\`\`\`

### 4.3 Offices ask first

\`\`\`cedar
forbid (principal, action, resource)
when { context.purpose == Purpose::"admin" }
unless { context.approvals.contains(Level::"official") };
\`\`\`

### 4.4 Nothing is erased

\`\`\`cedar
forbid (principal, action == Action::"erase", resource);
\`\`\`
`

const callers = [
  ...['care', 'admin', 'policing'].map((purpose) => ({ id: `clerk-for-${purpose}`, purpose })),
  { id: 'second-clerk-for-care', purpose: 'care' },
].map(({ id, purpose }) => ({
  id,
  title: 'A clerk',
  agreements: ['sample'],
  units: ['clinic'],
  purposes: [purpose],
  surface: 'console',
  consumer: 'seat',
  provenances: ['own'],
}))

export function sampleAgreement(baseUrl: string, lines: Readonly<Record<string, string>> = {}): string {
  return sampleText({
    body,
    lines: {
      amounts: '{ currency: USD, ceiling: 100000, allotted: 100000, clause: "8" }',
      routes: routes(baseUrl),
      actions: '{ look-up: { clause: "2" }, send: { clause: "2" }, erase: { clause: "2" } }',
      tools:
        '{ search_documents: { action: look-up, clause: "2" }, post: { action: send, clause: "2" }, wipe: { action: erase, clause: "2" } }',
      ...lines,
    },
  })
}

/** API keys by caller. `care` and `secondCare` may ask, `admin` is held, `policing` has no grant. */
export interface Keys {
  readonly care: string
  readonly secondCare: string
  readonly admin: string
  readonly policing: string
}

export interface AgreementFiles {
  readonly agreement: string
  readonly callers: string
}

export function writeAgreement(home: Home, text: string): AgreementFiles {
  const files = { agreement: join(home.root, 'sample.md'), callers: join(home.root, 'callers.json') }
  writeFileSync(files.agreement, text)
  writeFileSync(files.callers, JSON.stringify(callers))
  return files
}

/** Puts the sample agreement in force, signed with demonstration keys, before the model at `baseUrl`. */
export async function initialise(
  home: Home,
  baseUrl: string,
  agreement = sampleAgreement(baseUrl),
): Promise<Keys> {
  const files = writeAgreement(home, agreement)
  const { code, out, err } = await run(home, [
    ...['init', '--json', '--demo', '--callers', files.callers],
    files.agreement,
  ])
  if (code !== 0) throw new Error(`init ended with ${String(code)}: ${err}`)
  const keys = (JSON.parse(out) as { callers: Record<string, string> }).callers
  const keyOf = (purpose: string): string => keys[`clerk-for-${purpose}`] ?? ''
  const secondCare = keys['second-clerk-for-care'] ?? ''
  return { care: keyOf('care'), secondCare, admin: keyOf('admin'), policing: keyOf('policing') }
}
