/** The official client of the dialect, changed in nothing but base URL and key, against the real program. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import OpenAI from 'openai'
import { callTool, chunk, completion, done, hangAfter, json, openStream, prohibited, say } from './model.ts'
import type { Keys, LocalModel } from './model.ts'
import { assertNotInClear, audit, entriesOf, until } from './program.ts'
import type { Home, Program } from './program.ts'
import { openStage } from './stage.ts'
import type { Stage } from './stage.ts'

interface Explained {
  readonly code: string
  readonly message: string
  readonly servanda: {
    readonly verdict: string
    readonly exchange: string
    readonly clauses: readonly { readonly id: string; readonly title: string }[]
    readonly asks?: readonly string[]
    readonly hold?: { readonly id: string; readonly expires: string }
    readonly receipt: string
  }
}

function explained(error: InstanceType<typeof OpenAI.APIError>): Explained {
  return error.error as Explained
}

/** Awaits a call that must fail and gives its error. */
async function failure(call: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error = await Promise.resolve(call).then(
    () => assert.fail('the call must fail'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof OpenAI.APIError, String(error))
  return error
}

const ask = (text: string) => ({
  model: 'general',
  messages: [{ role: 'user' as const, content: text }],
})
const tool = (name: string) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object' } },
})
const tools = ['search_documents', 'post', 'wipe'].map(tool)
const secret = 'the reminder about wombat vaccination'

for (const workers of ['1', '2']) {
  describe(`the openai client with ${workers} worker(s)`, () => {
    let stage: Stage
    let home: Home
    let model: LocalModel
    let keys: Keys
    let program: Program
    let client: OpenAI

    const as = (apiKey: string): OpenAI => new OpenAI({ baseURL: `${program.url}/v1`, apiKey })

    before(async () => {
      stage = await openStage(workers)
      ;({ home, model, keys, program } = stage)
      client = as(keys.care)
    })

    after(() => stage[Symbol.asyncDispose]())

    test('gets an allowed answer, and the model gets judged bytes with nothing of the caller in its headers', async () => {
      model.play = say('Gladly, ', 'here it is.')
      const { data, response } = await client.chat.completions.create(ask(secret)).withResponse()
      assert.equal(data.choices[0]?.message.content, 'Gladly, here it is.')
      assert.equal(data.choices[0].finish_reason, 'stop')
      assert.equal(data.usage?.total_tokens, 15)
      assert.match(response.headers.get('servanda-agreement') ?? '', /^sample@1$/)
      assert.match(response.headers.get('servanda-receipt') ?? '', /^[\w-]+\.[\w-]+$/)
      const { body, headers } = model.asked.at(-1)!
      assert.deepEqual(JSON.parse(body), { ...ask(secret), model: 'large', max_tokens: 4096 })
      assert.equal(headers.authorization, undefined)
      assert.ok(!JSON.stringify(headers).includes('stainless'))
    })

    test('streams an allowed answer', async () => {
      model.play = say('One, ', 'two, ', 'three.')
      const stream = await client.chat.completions.create({
        ...ask('Count.'),
        stream: true,
        stream_options: { include_usage: true },
      })
      let [text, finish, tokens]: [string, string | null, number] = ['', null, 0]
      for await (const { choices, usage } of stream) {
        text += choices[0]?.delta.content ?? ''
        finish = choices[0]?.finish_reason ?? finish
        tokens = usage?.total_tokens ?? tokens
      }
      assert.deepEqual([text, finish, tokens], ['One, two, three.', 'stop', 15])
    })

    test('throws PermissionDeniedError with the clause for a denied request', async () => {
      const asked = model.asked.length
      const error = await failure(client.chat.completions.create(ask(prohibited)))
      assert.ok(error instanceof OpenAI.PermissionDeniedError)
      assert.equal(explained(error).code, 'denied_by_clause')
      assert.deepEqual(
        explained(error).servanda.clauses.map(({ id, title }) => [id, title]),
        [['4.1', 'Red lines']],
      )
      assert.equal(model.asked.length, asked, 'nothing was sent')
    })

    test('is denied where there is no grant', async () => {
      const error = await failure(as(keys.policing).chat.completions.create(ask('Hello.')))
      assert.ok(error instanceof OpenAI.PermissionDeniedError)
      assert.deepEqual(
        explained(error).servanda.clauses.map(({ id }) => id),
        ['system.no-grant'],
      )
    })

    test('throws a 423 with hold and levels for a request that waits for people', async () => {
      const error = await failure(as(keys.admin).chat.completions.create(ask('Hello.')))
      assert.equal(error.status, 423)
      const { code, servanda } = explained(error)
      assert.equal(code, 'held_for_people')
      assert.deepEqual(servanda.asks, ['official'])
      assert.match(servanda.hold?.id ?? '', /^hold_/)
      assert.ok(Date.parse(servanda.hold?.expires ?? '') > Date.now())
      assert.ok(entriesOf(home).some((entry) => 'hold' in entry && entry.hold === servanda.hold?.id))
    })

    test('throws in the middle of a stream when the answer turns prohibited, and gets no word of that', async () => {
      const opening = 'Here is what you asked for, in order and at length, as it was wanted. '.repeat(8)
      model.play = say(opening, ...prohibited.split(/(?<= )/), ' And more.')
      const stream = await client.chat.completions.create({ ...ask('Write.'), stream: true })
      let text = ''
      const error = await failure(
        (async () => {
          for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
        })(),
      )
      assert.equal(explained(error).code, 'denied_by_clause')
      assert.deepEqual(
        explained(error).servanda.clauses.map(({ id }) => id),
        ['4.1'],
      )
      assert.ok(text.length > 0 && opening.startsWith(text), text)
    })

    test('gets the same clause for the same answer unstreamed', async () => {
      model.play = say('Here it is. ', prohibited)
      const error = await failure(client.chat.completions.create(ask('Write.')))
      assert.ok(error instanceof OpenAI.PermissionDeniedError)
      assert.deepEqual(
        explained(error).servanda.clauses.map(({ id }) => id),
        ['4.1'],
      )
    })

    for (const stream of [false, true]) {
      const called = stream ? 'streamed tool call' : 'tool call'

      /** Plain and streamed alike: the calls of the answer. A call of its own each time, for a repeat meets its hold. */
      let asked = 0
      const callsOf = async (): Promise<string[]> => {
        const request = { ...ask(`Do it, for the ${++asked}. time.`), tools }
        if (!stream) {
          const { choices } = await client.chat.completions.create(request)
          return (choices[0]?.message.tool_calls ?? []).map((call) =>
            'function' in call ? call.function.name : '',
          )
        }
        const final = await client.chat.completions.stream(request).finalChatCompletion()
        return (final.choices[0]?.message.tool_calls ?? []).map((call) => call.function.name)
      }

      test(`gets a ${called} that is allowed`, async () => {
        model.play = callTool('search_documents', '{"query":"vaccination"}')
        assert.deepEqual(await callsOf(), ['search_documents'])
      })

      test(`gets a hold for a ${called} that waits for people`, async () => {
        model.play = callTool('post', '{"to":"all"}')
        const error = await failure(callsOf())
        assert.equal(error.status, 423)
        assert.deepEqual(explained(error).servanda.asks, ['two-person'])
        assert.match(explained(error).servanda.hold?.id ?? '', /^hold_/)
      })

      for (const [name, clause] of [
        ['wipe', '4.4'],
        ['format_disk', '2'],
      ] as const) {
        test(`gets a denial for the ${called} of ${name}`, async () => {
          model.play = callTool(name, '{}')
          const error = await failure(callsOf())
          assert.equal(error.status, 403)
          assert.deepEqual(
            explained(error).servanda.clauses.map(({ id }) => id),
            [clause],
          )
        })
      }

      test(`gets a denial for a ${called} whose arguments hide words behind escapes`, async () => {
        const escaped = '{"text":"\\u0054rack the\\nmovements of every citizen\\nin the capital."}'
        model.play = callTool('search_documents', escaped)
        const error = await failure(callsOf())
        assert.deepEqual(
          explained(error).servanda.clauses.map(({ id }) => id),
          ['4.1'],
        )
      })
    }

    test('is denied the offer of a tool that the schedule does not list', async () => {
      const error = await failure(
        client.chat.completions.create({ ...ask('Hello.'), tools: [tool('format_disk')] }),
      )
      assert.equal(error.status, 403)
    })

    test('lists the models that the caller may name', async () => {
      const models = await client.models.list()
      assert.deepEqual(models.data.map(({ id }) => id).sort(), ['general', 'rehearsed'])
    })

    test('stops the call upstream when it goes away', async () => {
      const abandoned = model.abandoned()
      model.play = hangAfter('Once upon a time there was a quiet town beside a river. '.repeat(8))
      const stream = await client.chat.completions.create({ ...ask('Tell me.'), stream: true })
      for await (const { choices } of stream) if (choices[0]?.delta.content) break
      await until('the upstream is abandoned', () => model.abandoned() === abandoned + 1)
      await until('its outcome is written', () =>
        entriesOf(home).some((entry) => entry.kind === 'outcome' && entry.status === 'client-gone'),
      )
    })

    test('meets an upstream that answers what cannot be judged with an error that repeats nothing of it', async () => {
      const innards = 'innards-of-the-upstream'
      const nonsense: readonly [string, LocalModel['play']][] = [
        [
          'no JSON',
          (_, response) =>
            void response.writeHead(200, { 'content-type': 'application/json' }).end(`{"${innards}`),
        ],
        ['a failure', (_, response) => void response.writeHead(500).end(innards)],
        [
          'another success',
          (_, response) =>
            void response
              .writeHead(206, { 'content-type': 'application/json' })
              .end(JSON.stringify(completion({ content: innards }))),
        ],
        [
          'no choice',
          (_, response) => json(response, { object: 'chat.completion', choices: [], note: innards }),
        ],
        [
          'no end',
          (_, response) => json(response, completion({ content: innards }, null as unknown as string)),
        ],
        ['an error of its own', (_, response) => json(response, { error: { message: innards } })],
      ]
      for (const [name, play] of nonsense) {
        model.play = play
        const error = await failure(client.chat.completions.create(ask('Hello.'), { maxRetries: 0 }))
        assert.equal(explained(error).code, 'upstream_nonsense', name)
        assert.ok(
          !JSON.stringify([error.message, error.error, [...(error.headers ?? [])]]).includes(innards),
          name,
        )
      }
    })

    test('meets a stream that breaks with an error and never with a plain end', async () => {
      const start = 'A long beginning of an answer that nobody will ever see the end of. '.repeat(8)
      const breaks: readonly [string, LocalModel['play']][] = [
        [
          'cut',
          (_, response) =>
            void openStream(response).write(chunk({ content: start }), () => response.destroy()),
        ],
        [
          'no end mark',
          (_, response) => void openStream(response).end(chunk({ content: start }) + chunk({}, 'stop')),
        ],
        ['no finish', (_, response) => void openStream(response).end(chunk({ content: start }) + done)],
        [
          'an error event',
          (_, response) =>
            void openStream(response).end(
              `${chunk({ content: start })}data: {"error":{"message":"innards"}}\n\n`,
            ),
        ],
        [
          'another choice',
          (_, response) =>
            void openStream(response).end(chunk({ content: start }).replace('"index":0', '"index":1') + done),
        ],
      ]
      for (const [name, play] of breaks) {
        model.play = play
        const error = await failure(
          (async () => {
            const stream = await client.chat.completions.create(
              { ...ask('Hello.'), stream: true },
              { maxRetries: 0 },
            )
            for await (const piece of stream) assert.ok(!JSON.stringify(piece).includes('innards'))
          })(),
        )
        assert.equal(explained(error).code, 'upstream_nonsense', name)
      }
    })

    test('leaves evidence that verifies, tells what callers were told, and shows nobody', async () => {
      assert.equal(await program.stop(), 0)
      const summary = await audit(home)
      assert.deepEqual(summary.openIntents, [])
      assertNotInClear(home, [
        secret,
        'clerk-for-care',
        keys.care,
        keys.admin,
        'citizen',
        'vaccination',
        'river',
      ])
    })
  })
}
