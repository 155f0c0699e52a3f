/** The real program before a model of this machine, with the sample agreement in force: what most tests need. */
import { initialise, startModel } from './model.ts'
import type { Keys, LocalModel } from './model.ts'
import { makeHome, start } from './program.ts'
import type { Home, Program } from './program.ts'

export interface Stage extends AsyncDisposable {
  readonly home: Home
  readonly model: LocalModel
  readonly keys: Keys
  readonly program: Program
}

/** Opens everything or, when one part fails, leaves nothing behind. */
export async function openStage(workers: string): Promise<Stage> {
  await using opened = new AsyncDisposableStack()
  const home = opened.use(makeHome())
  const model = opened.use(await startModel())
  const keys = await initialise(home, model.baseUrl)
  const program = await start(home, [], { settings: { SERVANDA_WORKERS: workers } })
  opened.defer(() => program.kill())
  const owned = opened.move()
  return { home, model, keys, program, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly error: { readonly code: string; readonly param: string | null; readonly message: string }
}

/** One POST of these bytes; `error` is the answer's own, empty where it has none. */
export async function post(
  { url }: Pick<Program, 'url'>,
  key: string,
  body: RequestInit['body'],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: body ?? null,
  })
  const text = await response.text()
  const { error = { code: '', param: null, message: '' } } = text.startsWith('{')
    ? (JSON.parse(text) as Partial<Answer>)
    : {}
  return { status: response.status, headers: response.headers, text, error }
}

export function chat(content: string, fields: object = {}): string {
  return JSON.stringify({ model: 'general', messages: [{ role: 'user', content }], ...fields })
}
