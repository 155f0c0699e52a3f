/** Asks a running gate through its control socket. */
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { credentialHeader, signRequest, socketAddress } from '../api/index.ts'
import { isErrorCode, isObject, messageOf, parseJson, systemClock, utf8 } from '../base/index.ts'
import type { Json, JsonObject, Signer } from '../base/index.ts'
import { placesOf, readSettings } from '../process/index.ts'
import { CliError, ControlRefusal } from './cli-error.ts'

export interface ControlAsk {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: Json
  /** How long the gate may take to begin its answer; 90 seconds where nothing is said. */
  readonly patienceMs?: number
  /** Where the request is about holds. */
  readonly as?: AskingReviewer
}

export interface AskingReviewer {
  readonly signer: Signer
  /** Of the log that the request is for; at another it opens nothing. */
  readonly origin: string
}

const answerBytesMax = 67_108_864
const answerMs = 90_000
const answerDepthMax = 64

/** The socket that was named, else that of the settings. */
export function socketOf(named: string | undefined): string {
  return named ?? placesOf(readSettings(process.env)).control
}

/**
 * The answer's JSON, which is no more than what the gate says. Throws `ControlRefusal` where the gate
 * refuses, and `CLI_UNANSWERED` where it says nothing that can be read.
 */
export async function askControl(
  socket: string,
  { method, path, body, as, patienceMs = answerMs }: ControlAsk,
): Promise<JsonObject> {
  const bytes = body === undefined ? Buffer.alloc(0) : utf8(JSON.stringify(body))
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
    ...(as === undefined ? {} : await credentialOf(as, { method, path, body: bytes })),
  }
  const { status, text } = await send(
    { socketPath: socketAddress(socket), method, path, headers, patienceMs },
    bytes,
  ).catch((cause: unknown) => unanswered(socket, cause))
  const answer = parseAnswer(text, socket)
  if (status === 200) return answer
  const error = isObject(answer['error']) ? answer['error'] : {}
  throw new ControlRefusal(textOf(error['code']), textOf(error['message']))
}

async function credentialOf(
  { signer, origin }: AskingReviewer,
  request: { readonly method: string; readonly path: string; readonly body: Uint8Array },
): Promise<Readonly<Record<string, string>>> {
  return { [credentialHeader]: await signRequest({ origin, ...request }, signer, systemClock.now()) }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : 'unknown'
}

function send(
  options: {
    readonly socketPath: string
    readonly method: string
    readonly path: string
    readonly headers: object
    readonly patienceMs: number
  },
  body: Uint8Array,
): Promise<{ readonly status: number; readonly text: Buffer }> {
  return new Promise((resolve, reject) => {
    const { socketPath, method, path, headers, patienceMs } = options
    const asked = request(
      { socketPath, method, path, headers: { ...headers }, timeout: patienceMs },
      (response) => {
        readAnswer(response).then(
          (text) => resolve({ status: response.statusCode ?? 0, text }),
          (error: unknown) => reject(error instanceof Error ? error : new Error(messageOf(error))),
        )
      },
    )
    asked.on('timeout', () => asked.destroy(new Error(`no answer came within ${patienceMs / 1000} seconds`)))
    asked.on('error', reject)
    asked.end(body)
  })
}

async function readAnswer(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > answerBytesMax) throw new RangeError(`the answer is longer than ${answerBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parseAnswer(text: Buffer, socket: string): JsonObject {
  try {
    const value = parseJson(text, { depthMax: answerDepthMax })
    if (isObject(value)) return value
  } catch (cause) {
    unanswered(socket, cause)
  }
  return unanswered(socket, new TypeError('the answer is no JSON object'))
}

function unanswered(socket: string, cause: unknown): never {
  const nobody = isErrorCode(cause, 'ENOENT') || isErrorCode(cause, 'ECONNREFUSED')
  const reason = nobody ? 'no gate runs there; name its socket with --socket' : messageOf(cause)
  throw new CliError('CLI_UNANSWERED', `no answer from \`${socket}\`: ${reason}`, { cause })
}
