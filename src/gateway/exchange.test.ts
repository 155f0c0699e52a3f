import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { demoKey, signerFromKey } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { formatReceipt, signReceipt } from '../ledger/index.ts'
import { StandingError } from '../standing/index.ts'
import type { Standing } from '../standing/index.ts'
import { UpstreamError } from '../upstream/index.ts'
import { runExchange } from './exchange.ts'
import { requestMicros } from './price.ts'
import {
  chunkText,
  endOfStream,
  pieces,
  prohibited,
  sampleArrival,
  sampleStanding,
  scene,
  wholeAnswer,
} from './sample-exchange.fixture.ts'
import type { Scene, Script } from './sample-exchange.fixture.ts'

const long = 'A sentence that nobody objects to, put here to be released. '.repeat(8)
const streamed = { stream: true }
/** As the route of the sample agreement names it. */
const price = { inputMicros: 3_000_000, outputMicros: 500_000 }
const plain: Script = () => wholeAnswer({ content: 'Gladly.' })
const stream: Script = () => ({ body: pieces(chunkText({ content: long }), endOfStream) })

let standing: Standing
before(async () => {
  standing = await sampleStanding()
})

/** Runs one exchange to its end and gives what it threw. */
async function play(on: Scene, content = 'Hello.', fields = {}): Promise<unknown> {
  const ended = await runExchange(sampleArrival(content, fields), on.deps, on.reply).then(
    () => null,
    (error: unknown) => error,
  )
  assert.equal(on.running.size, 0, 'no registration is left')
  assert.ok(
    on.sent.every(({ signal }) => signal.aborted),
    'no upstream is left at work',
  )
  return ended
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error
}

function lastStatus({ recorder }: Scene): string | undefined {
  return recorder.settlements.at(-1)?.leaf.status
}

describe('runExchange writes first', () => {
  test('an intent before anything is sent, an outcome before the answer', async () => {
    const on = scene(standing, plain)
    assert.equal(await play(on), null)
    assert.deepEqual(on.events, ['reserve', 'admit', 'send', 'settle', 'json 200'])
    assert.equal(lastStatus(on), 'completed')
    assert.equal(on.reply.headers['servanda-receipt'], 'receipt-3')
  })

  test('an outcome before the last byte of a stream', async () => {
    const on = scene(standing, stream)
    assert.equal(await play(on, 'Hello.', streamed), null)
    assert.deepEqual(on.events.slice(0, 4), ['reserve', 'admit', 'send', 'event'])
    const settled = on.events.indexOf('settle')
    assert.ok(settled < on.events.indexOf('end mark') && on.events.slice(settled).includes('event'))
    assert.deepEqual(on.events.slice(-2), ['end mark', 'end'])
  })

  test('a refusal, and sends nothing, where a clause denies', async () => {
    const on = scene(standing, plain)
    assert.equal(await play(on, prohibited), null)
    assert.deepEqual(on.events, ['refuse', 'json 403'])
  })

  test('a refusal with nothing reserved, where only the money of others denies', async () => {
    const on = scene(standing, plain)
    const reserve = on.deps.recorder.reserve.bind(on.deps.recorder)
    on.deps.recorder.reserve = async (agreement, micros) => ({
      ...(await reserve(agreement, micros)),
      committedMicros: Number.MAX_SAFE_INTEGER,
    })
    assert.equal(await play(on), null)
    assert.deepEqual(on.events, ['reserve', 'release', 'refuse', 'json 403'])
    assert.equal(on.recorder.refusals[0]?.reservation, undefined)
  })

  test('a hold with nothing reserved', async () => {
    const body = `### 4.2 All waits

\`\`\`cedar
forbid (principal, action, resource)
unless { context.approvals.contains(Level::"official") };
\`\`\`
`
    const on = scene(await sampleStanding({ body }), plain)
    assert.equal(await play(on), null)
    assert.deepEqual(on.events, ['reserve', 'release', 'refuse', 'json 423'])
  })

  test('no hold for a request that the offer of an unlisted tool denies', async () => {
    const on = scene(standing, plain)
    const tools = [{ type: 'function', function: { name: 'format_disk' } }]
    assert.equal(await play(on, 'Hello.', { tools }), null)
    assert.equal(on.reply.status, 403)
  })
})

describe("runExchange hears the provider's gate", () => {
  const stop = `data: ${JSON.stringify({ error: { message: 'stopped', type: 'denial', code: 'stopped_by_order' } })}\n\n`
  const stops: Script = () => ({ body: pieces(chunkText({ content: long }), stop) })
  const throughGate = async (script: Script): Promise<Scene> => {
    const on = scene(standing, script, { asksIntent: true })
    const promise = { origin: 'example.org/log', index: 1, leafHash: new Uint8Array(32), time: 1 }
    const receipt = formatReceipt(await signReceipt(promise, signerFromKey(demoKey('a log'))))
    const admit = on.recorder.admit.bind(on.recorder)
    on.recorder.admit = async (admission) => ({ ...(await admit(admission)), receipt })
    return on
  }
  const citesGate = (on: Scene): boolean => on.reply.text.includes('system.gate')

  test('an order at that gate ends a stream with the clause that says so', async () => {
    const on = await throughGate(stops)
    assert.equal(await play(on, 'Hello.', streamed), null)
    assert.ok(citesGate(on) && on.events.at(-1) === 'end')
    assert.equal(lastStatus(on), 'stopped')
  })

  test('a model that says the same is not believed: it answers nonsense', async () => {
    const on = scene(standing, stops)
    assert.equal(codeOf(await play(on, 'Hello.', streamed)), 'ANSWER_NONSENSE')
    assert.equal(citesGate(on), false)
  })

  test('a refusal at that gate is a denial that cost nothing', async () => {
    const refusal: Script = () => ({ status: 403, refusal: 'stopped', body: pieces() })
    const on = await throughGate(refusal)
    assert.equal(await play(on), null)
    assert.ok(citesGate(on) && on.reply.status === 403)
    assert.equal(on.recorder.settlements[0]?.micros, 0)
  })
})

test('an order ends even the rest of an answer whose outcome is written', async () => {
  const callOf = (index: number): Json => ({
    ...{ index: 0, id: `call_${index}`, type: 'function' },
    function: { name: 'search_documents', arguments: `{"part":${index}}` },
  })
  const two = [0, 1].map((index) => ({
    index,
    delta: { tool_calls: [callOf(index)] },
    finish_reason: 'tool_calls',
  }))
  const chunk = `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: two })}\n\n`
  const on = scene(standing, () => ({ body: pieces(chunk, 'data: [DONE]\n\n') }))
  const stopped = new StandingError('STANDING_STOPPED', 'an order')
  on.reply.onEvent = () => void on.running.abortWhere(() => true, stopped)
  assert.equal(codeOf(await play(on, 'Hello.', { ...streamed, n: 2 })), 'STANDING_STOPPED')
  assert.ok(on.reply.text.includes('call_0') && !on.reply.text.includes('call_1'))
  assert.ok(!on.events.includes('end mark'))
})

describe('runExchange passes nothing', () => {
  test('when what is in force is not known: nothing is even reserved', async () => {
    const on = scene(standing, plain)
    on.standing = null
    assert.equal(codeOf(await play(on)), 'STANDING_STALE')
    assert.deepEqual(on.events, [])
  })

  test('when nothing can be reserved', async () => {
    const on = scene(standing, plain)
    on.recorder.failing.add('reserve')
    assert.equal(codeOf(await play(on)), 'RECORDER_UNAVAILABLE')
    assert.deepEqual(on.events, ['reserve fails'])
  })

  test('when the intent cannot be written, and gives the reservation back', async () => {
    const on = scene(standing, plain)
    on.recorder.failing.add('admit')
    assert.equal(codeOf(await play(on)), 'RECORDER_UNAVAILABLE')
    assert.deepEqual(on.events, ['reserve', 'admit fails', 'release'])
    assert.equal(on.reply.started, false)
  })

  test('when the refusal cannot be written', async () => {
    const on = scene(standing, plain)
    on.recorder.failing.add('refuse')
    assert.equal(codeOf(await play(on, prohibited)), 'RECORDER_UNAVAILABLE')
    assert.equal(on.reply.started, false)
    assert.equal(on.recorder.open.size, 0)
  })

  for (const [name, later] of [
    ['the lease grows stale', null],
    ['another version comes into force', 2],
  ] as const) {
    test(`when ${name} between decision and intent`, async () => {
      const on = scene(standing, plain)
      const next = later === null ? null : await sampleStanding({}, later)
      on.deps.recorder.reserve = () => {
        on.standing = next
        return Promise.resolve({ id: 1, committedMicros: 1 })
      }
      assert.equal(codeOf(await play(on)), 'STANDING_STALE')
      assert.deepEqual(on.events, ['release'])
    })

    test(`more of a stream when ${name} in its middle`, async () => {
      const next = later === null ? null : await sampleStanding({}, later)
      const on = scene(standing, () => ({
        body: pieces(
          chunkText({ content: long }),
          () => void (on.standing = next),
          chunkText({ content: `${long}unseen ${long}` }),
          endOfStream,
        ),
      }))
      assert.equal(codeOf(await play(on, 'Hello.', streamed)), 'STANDING_STALE')
      assert.equal(lastStatus(on), 'stopped')
      assert.ok(!on.reply.text.includes('unseen') && !on.reply.text.includes('[DONE]'))
      assert.match(on.reply.sent.at(-1) ?? '', /"code":"standing_unknown"/)
    })
  }

  test('more of a stream that an order ends, and says so', async () => {
    const on = scene(standing, ({ signal }) => ({
      body: pieces(chunkText({ content: long }), () => {
        on.running.abortWhere(({ unit }) => unit === 'clinic', new StandingError('STANDING_STALE', 'stopped'))
        assert.ok(signal.aborted)
        throw new UpstreamError('UPSTREAM_ABORTED', 'the call was aborted')
      }),
    }))
    assert.equal(codeOf(await play(on, 'Hello.', streamed)), 'STANDING_STALE')
    assert.equal(lastStatus(on), 'stopped')
    assert.match(on.reply.sent.at(-1) ?? '', /standing_unknown/)
  })
})

describe('runExchange leaves one outcome', () => {
  test('when it cannot be written: an error in place of the end, and no second try', async () => {
    for (const [fields, script] of [
      [streamed, stream],
      [{}, plain],
    ] as const) {
      const on = scene(standing, script)
      on.recorder.failing.add('settle')
      assert.equal(codeOf(await play(on, 'Hello.', fields)), 'RECORDER_UNAVAILABLE')
      assert.equal(on.events.filter((event) => event === 'settle fails').length, 1)
      assert.ok(!on.events.includes('end mark') && !on.events.includes('json 200'))
    }
  })

  test('when a clause was disputed before its end: stopped, and no end is given', async () => {
    for (const [fields, script] of [
      [streamed, stream],
      [{}, plain],
    ] as const) {
      const on = scene(standing, script)
      on.recorder.superseding = true
      assert.equal(codeOf(await play(on, 'Hello.', fields)), 'RECORDER_SUPERSEDED')
      assert.equal(lastStatus(on), 'stopped')
      assert.deepEqual(on.recorder.settlements.at(-1)?.leaf.rules, ['system.standing#always'])
      assert.ok(!on.events.includes('end mark') && !on.events.includes('json 200'))
    }
  })

  const failures: readonly [string, Script, string | null][] = [
    [
      'cannot be reached',
      () => Promise.reject(new UpstreamError('UPSTREAM_UNREACHABLE', 'none')),
      'UPSTREAM_UNREACHABLE',
    ],
    ['answers late', () => Promise.reject(new UpstreamError('UPSTREAM_TIMEOUT', 'late')), 'UPSTREAM_TIMEOUT'],
    ['refuses', () => ({ status: 429 }), 'ANSWER_NONSENSE'],
    ['succeeds in another way', () => ({ status: 204 }), 'ANSWER_NONSENSE'],
    [
      'answers whole what was to be streamed',
      () => wholeAnswer({ content: 'secret-text' }),
      'ANSWER_NONSENSE',
    ],
    [
      'breaks off',
      () => ({
        body: pieces(chunkText({ content: 'secret-text' }), () => {
          throw new UpstreamError('UPSTREAM_CUT', 'cut')
        }),
      }),
      'UPSTREAM_CUT',
    ],
    [
      'ends without end mark',
      () => ({ body: pieces(chunkText({ content: 'x' }), chunkText({}, 'stop')) }),
      'ANSWER_NONSENSE',
    ],
    [
      'ends without finish',
      () => ({ body: pieces(chunkText({ content: 'x' }), 'data: [DONE]\n\n') }),
      'ANSWER_NONSENSE',
    ],
    [
      'sends a bare carriage return at the end of a piece',
      () => ({ body: pieces(`${chunkText({ content: 'x' })}:\r`, `:\n${endOfStream}`) }),
      'ANSWER_NONSENSE',
    ],
    ['ends without a choice', () => ({ body: pieces('data: [DONE]\n\n') }), 'ANSWER_NONSENSE'],
    [
      'is not UTF-8',
      () => ({
        body: (async function* () {
          yield await Promise.resolve(Buffer.from([0xff]))
        })(),
      }),
      'ANSWER_NONSENSE',
    ],
    [
      'fails in a way that nobody foresaw',
      () => ({
        body: pieces(() => {
          throw new RangeError('secret-text')
        }),
      }),
      null,
    ],
  ]
  for (const [name, script, code] of failures) {
    test(`when the upstream ${name}`, async () => {
      const on = scene(standing, script)
      const error = await play(on, 'Hello.', streamed)
      if (code !== null) assert.equal(codeOf(error), code)
      assert.equal(on.recorder.settlements.length, 1)
      assert.equal(lastStatus(on), 'failed')
      assert.ok(!on.reply.text.includes('secret-text') && !on.reply.text.includes('[DONE]'))
      assert.match(on.reply.sent.at(-1) ?? '', /^\{"error":.*"code":"(upstream_\w+|internal)"/)
      assert.ok(on.reply.ended)
    })
  }

  test('worth nothing when the request never left, and the worst case when nobody counted', async () => {
    const unreached = scene(standing, () => Promise.reject(new UpstreamError('UPSTREAM_BUSY', 'busy')))
    await play(unreached)
    assert.equal(unreached.recorder.settlements[0]?.micros, 0)
    const uncounted = scene(standing, plain)
    await play(uncounted)
    assert.ok((uncounted.recorder.settlements[0]?.micros ?? 0) > 2000)
  })

  test('worth nothing when no upstream could be opened', async () => {
    const on = scene(standing, plain)
    const upstreamOf = (): never => {
      throw new UpstreamError('UPSTREAM_CONFIGURATION', 'no such upstream')
    }
    await play({ ...on, deps: { ...on.deps, upstreamOf } })
    assert.equal(on.recorder.settlements[0]?.micros, 0)
  })

  for (const status of [302, 400, 429, 500, 503]) {
    test(`worth the request alone when the upstream answers ${status}`, async () => {
      const on = scene(standing, () => ({ status, body: pieces() }))
      await play(on, 'Hello.', { n: 8 })
      const { micros } = on.recorder.settlements[0] ?? {}
      assert.equal(micros, requestMicros(price, on.sent[0]?.body.length ?? 0))
    })
  }

  test('worth the worst case when the upstream breaks off, or the caller does', async () => {
    for (const code of ['UPSTREAM_CUT', 'UPSTREAM_ABORTED', 'UPSTREAM_TIMEOUT'] as const) {
      const on = scene(standing, () => Promise.reject(new UpstreamError(code, 'over')))
      await play(on)
      assert.ok((on.recorder.settlements[0]?.micros ?? 0) > 2000)
    }
  })

  test('when the caller goes away, before and in the middle of the answer', async () => {
    const early = scene(standing, () => {
      early.reply.leaving.abort()
      throw new UpstreamError('UPSTREAM_ABORTED', 'the call was aborted')
    })
    await play(early)
    assert.equal(lastStatus(early), 'client-gone')
    const late = scene(standing, stream)
    late.reply.onEvent = () => late.reply.leaving.abort()
    await play(late, 'Hello.', streamed)
    assert.equal(lastStatus(late), 'client-gone')
    assert.deepEqual(late.reply.sent, [])
  })

  test('also where the caller goes away with the outcome written', async () => {
    const on = scene(standing, () => ({ body: pieces(chunkText({ content: 'Short.' }), endOfStream) }))
    on.reply.onEvent = () => {
      if (on.events.includes('settle')) on.reply.leaving.abort()
    }
    await play(on, 'Hello.', streamed)
    assert.deepEqual(
      on.recorder.settlements.map(({ leaf }) => leaf.status),
      ['completed'],
    )
  })
})

test('runExchange reads lines that end in two characters, wherever a piece ends', async () => {
  const bytes = (chunkText({ content: 'Gladly, sir.' }) + endOfStream).replaceAll('\n', '\r\n')
  for (const length of [1, 2, 7, bytes.length]) {
    const cut = Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) =>
      bytes.slice(i * length, (i + 1) * length),
    )
    const on = scene(standing, () => ({ body: pieces(...cut) }))
    assert.equal(await play(on, 'Hello.', streamed), null)
    assert.match(on.reply.text, /Gladly, sir\./)
  }
})

describe('runExchange holds back', () => {
  const cut = (text: string): string[] => text.split(/(?<= )/).map((word) => chunkText({ content: word }))

  test('a finding that comes late, with everything before it that it may reach', async () => {
    const on = scene(standing, () => ({
      body: pieces(chunkText({ content: long }), ...cut(prohibited), endOfStream),
    }))
    assert.equal(await play(on, 'Hello.', streamed), null)
    assert.equal(lastStatus(on), 'stopped')
    const leaf = on.recorder.settlements[0]?.leaf
    assert.deepEqual([leaf?.decision, leaf?.rules], ['deny', ['4.1#1']])
    assert.ok(!/Track|citizen/.test(on.reply.text))
    assert.match(on.reply.sent.at(-1) ?? '', /"code":"denied_by_clause".*"id":"4\.1"/)
    assert.deepEqual(on.events.slice(-3), ['settle', 'event', 'end'])
  })

  test('a whole answer, with a status', async () => {
    const on = scene(standing, () => wholeAnswer({ content: `${long}${prohibited}` }))
    assert.equal(await play(on), null)
    assert.deepEqual(on.events.slice(-2), ['settle', 'json 403'])
  })

  test('a tool call that waits for people, whose name comes in two pieces', async () => {
    const call = (delta: object): string => chunkText({ tool_calls: [{ index: 0, ...delta }] })
    const on = scene(standing, () => ({
      body: pieces(
        call({ id: 'c', type: 'function', function: { name: 'po' } }),
        call({ function: { name: 'st', arguments: '{}' } }),
        endOfStream,
      ),
    }))
    assert.equal(await play(on, 'Hello.', streamed), null)
    assert.equal(on.reply.status, 423)
    const settlement = on.recorder.settlements[0]
    assert.deepEqual([settlement?.leaf.decision, settlement?.leaf.stage], ['hold', 'tool'])
    assert.equal(settlement?.leaf.hold, settlement?.hold?.id)
    assert.match(on.reply.text, new RegExp(settlement?.hold?.id ?? 'none'))
  })

  test('no hold is opened for a held answer that breaks off', async () => {
    const call = { tool_calls: [{ index: 0, id: 'c', function: { name: 'post', arguments: '{}' } }] }
    const on = scene(standing, () => ({ body: pieces(chunkText(call), chunkText({}, 'stop')) }))
    await play(on, 'Hello.', streamed)
    assert.equal(lastStatus(on), 'failed')
    assert.equal(on.recorder.settlements[0]?.hold, undefined)
    assert.equal(on.reply.status, 502)
  })

  test('says of detectors only what has looked', async () => {
    const unread = scene(standing, () => ({ status: 500 }))
    await play(unread)
    assert.equal(unread.recorder.settlements.length, 1)
    const leaf = JSON.stringify([unread.recorder.admissions[0]?.leaf, unread.recorder.settlements[0]?.leaf])
    for (const word of ['a-clerk-of-the-clinic', 'clinic', 'care', 'Hello'])
      assert.ok(!leaf.includes(word), word)
  })
})
