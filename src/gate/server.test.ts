/** What a provider's gate serves, what it turns away and for which reason, and what it writes of either. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { describe, test } from 'node:test'
import { demoKey, digestOf, signerFromKey, utf8 } from '../base/index.ts'
import type { Leaf, TurnedAwayReason } from '../ledger/index.ts'
import { intentWindowMs } from '../recorder/index.ts'
import { sampleBody, sampleIntent, sampleTime } from '../records/sample-intent.ts'
import type { SampleIntent } from '../records/sample-intent.ts'
import { UpstreamError } from '../upstream/index.ts'
import type { UpstreamResponse } from '../upstream/index.ts'
import { agreement, answer, call, callOpen, openSampleGate } from './sample-gate.fixture.ts'
import type { CallOptions, SampleGate } from './sample-gate.fixture.ts'

/** Of an intent under the text that is in force at the gate. */
async function headerOf(intent: SampleIntent = {}): Promise<string> {
  const leaf = { text: agreement.hash, ...intent.leaf }
  return (await sampleIntent({ ...intent, leaf })).header
}
const kindsOf = (gate: SampleGate): string[] =>
  gate
    .entries()
    .slice(2)
    .map((leaf) => ('status' in leaf ? `${leaf.kind} ${leaf.status}` : leaf.kind))
const turnedAway = (gate: SampleGate): Extract<Leaf, { kind: 'turned-away' }>[] =>
  gate.entries().filter((leaf) => leaf.kind === 'turned-away')

describe('a call with a true intent', () => {
  test('goes to the model byte for byte, and its answer comes back byte for byte', async () => {
    await using gate = await openSampleGate()
    const pieces = ['{"id":"a",', '"choices":[', ']}']
    gate.play = () => Promise.resolve(answer(pieces, 'application/json; charset=x'))
    const intent = await headerOf()
    const { status, text, headers, whole } = await call(gate, { intent })
    assert.deepEqual([status, text, whole], [200, pieces.join(''), true])
    assert.equal(headers['content-type'], 'application/json; charset=x')
    const [asked] = gate.asked
    assert.ok(asked)
    assert.deepEqual(Buffer.from(asked.body), sampleBody)
    assert.deepEqual([asked.path, asked.stream, asked.intent], ['/chat/completions', false, undefined])
    const [served, end] = gate.entries().slice(2)
    assert.ok(served?.kind === 'served' && end?.kind === 'served-end')
    assert.deepEqual(
      [served.exchange, served.agreement, served.provider, served.upstream],
      ['ex_7', 1, 'meridian', 'rehearsal'],
    )
    assert.equal(served.receipt, intent.split('.').slice(0, 2).join('.'))
    assert.deepEqual([end.exchange, end.served, end.status], ['ex_7', served.seq, 'answered'])
  })

  test('is written before the model is asked, and its end before the last byte leaves', async () => {
    await using gate = await openSampleGate()
    let atTheModel: string[] = []
    gate.play = () => {
      atTheModel = kindsOf(gate)
      return Promise.resolve(answer(['data: {"a":1}\n\n', 'data: [DONE]\n\n'], 'text/event-stream'))
    }
    const response = await callOpen(gate, {
      intent: await headerOf(),
      headers: { accept: 'text/event-stream' },
    })
    let atTheMark: string[] | null = null
    response.setEncoding('utf8').on('data', (piece: string) => {
      if (piece.includes('[DONE]')) atTheMark = kindsOf(gate)
    })
    await once(response, 'end')
    assert.deepEqual(atTheModel, ['served'])
    assert.deepEqual(atTheMark, ['served', 'served-end answered'])
    assert.equal(gate.asked[0]?.stream, true)
  })

  test('is streamed piece by piece', async () => {
    await using gate = await openSampleGate()
    const more = Promise.withResolvers<null>()
    gate.play = () => {
      async function* body(): AsyncGenerator<Uint8Array> {
        yield utf8('data: {"a":1}\n\n')
        await more.promise
        yield utf8('data: [DONE]\n\n')
      }
      return Promise.resolve({ status: 200, contentType: 'text/event-stream', body: body() })
    }
    const response = await callOpen(gate, {
      intent: await headerOf(),
      headers: { accept: 'text/event-stream' },
    })
    const pieces: string[] = []
    const arrived = async (count: number): Promise<void> => {
      while (pieces.length < count) await new Promise((resolve) => setImmediate(resolve))
    }
    response.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece))
    await arrived(1)
    assert.deepEqual(pieces, ['data: {"a":1}\n\n'])
    more.resolve(null)
    await arrived(2)
    assert.deepEqual(pieces.slice(1), ['data: [DONE]\n\n'])
  })
})

interface Row {
  readonly name: string
  readonly reason: TurnedAwayReason
  readonly call: () => CallOptions | Promise<CallOptions>
  /** The index of the intent that the entry names. */
  readonly intent?: number
  readonly before?: (gate: SampleGate) => unknown
}

const stranger = signerFromKey(demoKey('a stranger'))
const altered = utf8(sampleBody.toString().replace('morning', 'evening'))

const rows: readonly Row[] = [
  { name: 'without a receipt', reason: 'missing', call: () => ({}) },
  { name: 'with garbage', reason: 'false', call: () => ({ intent: 'garbage' }) },
  { name: 'with an empty header', reason: 'false', call: () => ({ intent: '' }) },
  {
    name: 'with two receipts',
    reason: 'false',
    call: async () => ({ intent: [await headerOf(), await headerOf()] }),
  },
  {
    name: 'with the receipt of another key',
    reason: 'false',
    call: async () => ({ intent: await headerOf({ signer: stranger }) }),
  },
  {
    name: 'with the receipt of another log',
    reason: 'false',
    call: async () => ({ intent: await headerOf({ origin: 'elsewhere.example/log' }) }),
  },
  {
    name: 'with an intent that gives out a held answer',
    reason: 'false',
    call: async () => ({ intent: await headerOf({ leaf: { stage: 'answer' } }) }),
  },
  {
    name: 'with a leaf that was altered',
    reason: 'false',
    call: async () => {
      const [json, signature, , shown] = (await sampleIntent()).parts
      const { entry } = await sampleIntent({ index: 8 })
      return { intent: [json, signature, Buffer.from(entry).toString('base64url'), shown].join('.') }
    },
  },
  {
    name: 'with another body by one byte',
    reason: 'altered',
    call: async () => ({ intent: await headerOf(), body: Buffer.concat([sampleBody, utf8(' ')]) }),
    intent: 7,
  },
  {
    name: 'with another word in the body',
    reason: 'altered',
    call: async () => ({ intent: await headerOf(), body: altered }),
    intent: 7,
  },
  {
    name: 'with no body',
    reason: 'altered',
    call: async () => ({ intent: await headerOf(), body: utf8('') }),
    intent: 7,
  },
  {
    name: 'with disclosures of another intent',
    reason: 'altered',
    call: async () => {
      const [one, other] = [await sampleIntent(), await sampleIntent({ index: 8, route: 'other' })]
      return { intent: [...one.parts.slice(0, 3), other.parts[3]].join('.') }
    },
    intent: 7,
  },
  {
    name: 'that is a millisecond too old',
    reason: 'expired',
    call: async () => ({ intent: await headerOf({ time: sampleTime - intentWindowMs - 1 }) }),
    intent: 7,
  },
  {
    name: 'from the future',
    reason: 'expired',
    call: async () => ({ intent: await headerOf({ time: sampleTime + intentWindowMs + 1 }) }),
    intent: 7,
  },
  {
    name: 'for a route that nobody knows',
    reason: 'unlisted',
    call: async () => ({ intent: await headerOf({ route: 'unknown' }) }),
    intent: 7,
  },
  {
    name: 'for a route that every object has',
    reason: 'unlisted',
    call: async () => ({ intent: await headerOf({ route: '__proto__' }) }),
    intent: 7,
  },
  {
    name: 'for a route of another provider',
    reason: 'unlisted',
    call: async () => ({ intent: await headerOf({ leaf: { provider: 'borealis' } }) }),
    intent: 7,
  },
  {
    name: 'that was judged under another version',
    reason: 'unlisted',
    call: async () => ({ intent: await headerOf({ leaf: { text: digestOf('the next version') } }) }),
    intent: 7,
  },
  ...[
    { name: 'that names another model than the route', body: '{"model":"small","messages":[]}' },
    { name: 'that names no model', body: '{"messages":[]}' },
    { name: 'that names two models', body: '{"model":"large","model":"small","messages":[]}' },
    { name: 'that is no JSON', body: '{"model":"large"' },
  ].map(({ name, body }) => ({
    name,
    reason: 'unlisted' as const,
    call: async () => ({ intent: await headerOf({ body: utf8(body) }), body: utf8(body) }),
    intent: 7,
  })),
  {
    name: 'after the term',
    reason: 'unlisted',
    before: ({ clock }) => (clock.time = Date.UTC(2030, 0, 1)),
    call: async () => ({ intent: await headerOf({ time: Date.UTC(2030, 0, 1) }) }),
    intent: 7,
  },
  {
    name: 'after a stop order',
    reason: 'stopped',
    before: (gate) => gate.stop(),
    call: async () => ({ intent: await headerOf() }),
    intent: 7,
  },
  {
    name: 'whose intent was served before',
    reason: 'reused',
    before: async (gate) => call(gate, { intent: await headerOf() }),
    call: async () => ({ intent: await headerOf() }),
    intent: 7,
  },
]

describe('a call is turned away', () => {
  for (const { name, reason, call: options, intent, before } of rows) {
    test(`${name}: ${reason}`, async () => {
      await using gate = await openSampleGate()
      await before?.(gate)
      const asked = gate.asked.length
      const { status, headers, text } = await call(gate, await options())
      assert.deepEqual([status, headers['servanda-refusal']], [403, reason])
      const { error } = JSON.parse(text) as { error: { code: string; servanda: { reason: string } } }
      assert.deepEqual([error.code, error.servanda.reason], ['turned_away', reason])
      // The answer came after the entry.
      const entries = turnedAway(gate)
      assert.deepEqual(
        entries.map((leaf) => [leaf.reason, leaf.count, leaf.intents]),
        [[reason, 1, intent === undefined ? [] : [intent]]],
      )
      assert.equal(gate.asked.length, asked, 'the model was not asked')
      assert.match(await gate.metrics(), RegExp(`turned_away_total{reason="${reason}"} 1`))
    })
  }

  test('the edges of the window still belong to it', async () => {
    await using gate = await openSampleGate()
    const [first, last] = [sampleTime - intentWindowMs, sampleTime + intentWindowMs]
    assert.equal((await call(gate, { intent: await headerOf({ index: 1, time: first }) })).status, 200)
    assert.equal((await call(gate, { intent: await headerOf({ index: 2, time: last }) })).status, 200)
  })

  test('with an old intent before its body is read: expired', async () => {
    await using gate = await openSampleGate({ callsMax: 0 })
    // No call has room, and the body never comes.
    const sent = httpRequest(`${gate.url}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        'content-length': sampleBody.length,
        'servanda-intent': await headerOf({ time: sampleTime - intentWindowMs - 1 }),
      },
    })
    sent.flushHeaders()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    assert.deepEqual([response.statusCode, response.headers['servanda-refusal']], [403, 'expired'])
    sent.on('error', () => undefined).destroy()
    assert.deepEqual(
      turnedAway(gate).map(({ reason, intents }) => [reason, intents]),
      [['expired', [7]]],
    )
  })

  test('whose intent grew old while its body came: expired', async () => {
    await using gate = await openSampleGate()
    const sent = httpRequest(`${gate.url}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        'content-length': sampleBody.length,
        expect: '100-continue',
        'servanda-intent': await headerOf(),
      },
    })
    sent.flushHeaders()
    await once(sent, 'continue')
    gate.clock.time += intentWindowMs + 1
    sent.end(sampleBody)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    response.resume()
    assert.deepEqual([response.statusCode, response.headers['servanda-refusal']], [403, 'expired'])
    assert.equal(gate.asked.length, 0)
  })

  test('of 20 at once with one intent, all but one', async () => {
    await using gate = await openSampleGate()
    const intent = await headerOf()
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(gate, { intent })))
    const served = answers.filter(({ status }) => status === 200)
    assert.equal(served.length, 1)
    assert.equal(gate.asked.length, 1)
    const refused = answers.filter(({ headers }) => headers['servanda-refusal'] === 'reused')
    assert.equal(refused.length, 19)
    assert.equal(
      turnedAway(gate).reduce((sum, { count }) => sum + count, 0),
      19,
    )
    assert.ok(turnedAway(gate).length <= 2, 'one at once, the others together')
  })

  test('says no word of the body, the intent or the model', async () => {
    await using gate = await openSampleGate()
    const secret = 'words-that-nobody-repeats'
    const intent = await headerOf({ body: utf8(secret) })
    const { text } = await call(gate, { intent, body: utf8(`${secret} `) })
    assert.ok(!text.includes(secret))
    for (const { leaf } of gate.store.rows.entries) assert.ok(!Buffer.from(leaf).includes(secret))
  })
})

describe('a call that is served ends', () => {
  test('as failed when the model refuses, and no word of the model is passed on', async () => {
    for (const status of [201, 302, 400, 401, 429, 500]) {
      await using gate = await openSampleGate()
      gate.play = () => Promise.resolve({ ...answer(['secret words']), status })
      const answered = await call(gate, { intent: await headerOf() })
      assert.equal(answered.status, 502)
      assert.match(answered.text, /"code":"model_failed"/)
      assert.ok(!answered.text.includes('secret'))
      assert.deepEqual(kindsOf(gate), ['served', 'served-end failed'])
    }
  })

  test('as failed when the model cannot be reached', async () => {
    await using gate = await openSampleGate()
    gate.play = () => Promise.reject(new UpstreamError('UPSTREAM_UNREACHABLE', 'no connection'))
    assert.equal((await call(gate, { intent: await headerOf() })).status, 502)
    assert.deepEqual(kindsOf(gate), ['served', 'served-end failed'])
    assert.deepEqual(gate.faults, [])
  })

  function breaking(pieces: readonly string[], contentType: string): UpstreamResponse {
    async function* body(): AsyncGenerator<Uint8Array> {
      for (const piece of pieces) yield await Promise.resolve(utf8(piece))
      throw new UpstreamError('UPSTREAM_CUT', 'the upstream broke off')
    }
    return { status: 200, contentType, body: body() }
  }

  test('as failed when the model breaks off: a stream by one error event', async () => {
    await using gate = await openSampleGate()
    gate.play = () => Promise.resolve(breaking(['data: {"a":1}\n\n', 'data: {"b'], 'text/event-stream'))
    const headers = { accept: 'text/event-stream' }
    const { text, whole } = await call(gate, { intent: await headerOf(), headers })
    assert.equal(whole, true)
    const last = text.trimEnd().split('\n\n').at(-1) ?? ''
    assert.match(last, /^data: {"error":{.*"code":"model_failed"/)
    assert.deepEqual(kindsOf(gate), ['served', 'served-end failed'])
  })

  test('as failed when the model breaks off: another answer is broken off too', async () => {
    await using gate = await openSampleGate()
    gate.play = () => Promise.resolve(breaking(['{"a":', '1', '}'], 'application/json'))
    const { whole } = await call(gate, { intent: await headerOf() })
    assert.equal(whole, false)
    assert.deepEqual(kindsOf(gate), ['served', 'served-end failed'])
  })

  /** A model that says one piece and then waits until it is told to stop. */
  function hanging(gate: SampleGate, contentType: string): Promise<void> {
    const aborted = Promise.withResolvers<undefined>()
    gate.play = ({ signal }) => {
      async function* body(): AsyncGenerator<Uint8Array> {
        yield utf8('data: {"a":1}\n\n')
        yield utf8('data: {"b":2}\n\n')
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        aborted.resolve(undefined)
        throw new UpstreamError('UPSTREAM_ABORTED', 'the call was aborted')
      }
      return Promise.resolve({ status: 200, contentType, body: body() })
    }
    return aborted.promise
  }

  const ended = async (gate: SampleGate): Promise<string | undefined> => {
    for (let turn = 0; !kindsOf(gate).some((kind) => kind.startsWith('served-end')); turn++) {
      assert.ok(turn < 1_000_000, 'it never ended')
      await new Promise((resolve) => setImmediate(resolve))
    }
    return kindsOf(gate).find((kind) => kind.startsWith('served-end'))
  }

  test('as gone when the other side goes away, and the model is told to stop', async () => {
    await using gate = await openSampleGate()
    const aborted = hanging(gate, 'text/event-stream')
    const headers = { accept: 'text/event-stream' }
    const response = await callOpen(gate, { intent: await headerOf(), headers })
    await once(response, 'data')
    response.destroy()
    await aborted
    assert.equal(await ended(gate), 'served-end gone')
    assert.deepEqual(gate.faults, [])
  })

  test('as stopped by an order: a stream by one error event, and the model is told to stop', async () => {
    await using gate = await openSampleGate()
    const aborted = hanging(gate, 'text/event-stream')
    const headers = { accept: 'text/event-stream' }
    const response = await callOpen(gate, { intent: await headerOf(), headers })
    let text = ''
    response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    await once(response, 'data')
    await gate.stop()
    await aborted
    if (!response.complete) await once(response, 'end')
    assert.match(text, /\n\ndata: {"error":{.*"code":"stopped_by_order".*}}\n\n$/)
    assert.equal(await ended(gate), 'served-end stopped')
    assert.equal((await call(gate, { intent: await headerOf({ index: 9 }) })).status, 403)
  })

  test('as stopped by an order while the model works: without the word that it was not asked', async () => {
    await using gate = await openSampleGate()
    gate.play = ({ signal }) =>
      new Promise((_, reject) => {
        const error = new UpstreamError('UPSTREAM_ABORTED', 'the call was aborted')
        signal.addEventListener('abort', () => reject(error))
      })
    const answered = call(gate, { intent: await headerOf() })
    while (gate.asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await gate.stop()
    const { status, headers, text } = await answered
    // The agency's gate would take the header for a call that costs nothing.
    assert.deepEqual([status, headers['servanda-refusal']], [403, undefined])
    assert.match(text, /"code":"stopped_by_order"/)
    assert.equal(await ended(gate), 'served-end stopped')
  })

  test('as gone when the other side reads too slowly, which holds the model back', async () => {
    await using gate = await openSampleGate({ slowReaderMs: 50 })
    let given = 0
    gate.play = () => {
      async function* body(): AsyncGenerator<Uint8Array> {
        for (; given < 10_000; given++) yield await Promise.resolve(Buffer.alloc(64 * 1024, 0x20))
      }
      return Promise.resolve({ status: 200, contentType: 'text/event-stream', body: body() })
    }
    const headers = { accept: 'text/event-stream' }
    const response = await callOpen(gate, { intent: await headerOf(), headers })
    response.pause()
    assert.equal(await ended(gate), 'served-end gone')
    assert.ok(given < 1_000, `${given} pieces of 64 KiB`)
    response.destroy()
  })
})

describe('nothing passes', () => {
  test('where nothing can be written: no call, and no word of a refusal', async () => {
    await using gate = await openSampleGate()
    gate.store.script.push('STORE_UNAVAILABLE', 'STORE_UNAVAILABLE')
    const served = await call(gate, { intent: await headerOf() })
    assert.equal(served.status, 503)
    assert.match(served.text, /"code":"ledger_unavailable"/)
    const refused = await call(gate)
    assert.deepEqual([refused.status, refused.headers['servanda-refusal']], [503, undefined])
    assert.equal(gate.asked.length, 0)
  })

  test('where the end cannot be written: the answer does not end', async () => {
    await using gate = await openSampleGate()
    gate.store.script.push('ok', 'STORE_UNAVAILABLE')
    gate.play = () => Promise.resolve(answer(['{"a":', '1}']))
    const { text, whole } = await call(gate, { intent: await headerOf() })
    assert.equal(whole, false)
    assert.ok(!text.includes('}'))
  })

  test('where the clock was set far back', async () => {
    await using gate = await openSampleGate()
    assert.equal((await call(gate, { intent: await headerOf() })).status, 200)
    gate.clock.time -= 120_000
    const { status, text } = await call(gate, { intent: await headerOf({ index: 9 }) })
    assert.equal(status, 503)
    assert.match(text, /"code":"standing_unknown"/)
  })

  test('beyond the limits', async () => {
    await using gate = await openSampleGate({ bodyBytesMax: 100, callsMax: 1 })
    const body = Buffer.alloc(101, 0x20)
    const large = await call(gate, { body, intent: await headerOf({ body }) })
    assert.equal(large.status, 413)
    const text = { 'content-type': 'text/plain' }
    assert.equal((await call(gate, { intent: await headerOf(), headers: text })).status, 415)
    const packed = { 'content-encoding': 'gzip' }
    assert.equal((await call(gate, { intent: await headerOf(), headers: packed })).status, 415)
    const more = Promise.withResolvers<UpstreamResponse>()
    gate.play = () => more.promise
    const first = call(gate, { intent: await headerOf() })
    while (gate.asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    assert.equal((await call(gate, { intent: await headerOf({ index: 9 }) })).status, 503)
    more.resolve(answer(['{}']))
    assert.equal((await first).status, 200)
    assert.equal((await call(gate, { intent: await headerOf({ index: 10 }) })).status, 200)
  })

  test('at any other address', async () => {
    await using gate = await openSampleGate()
    for (const path of ['/v1/models', '/v1/completions', '/chat/completions', '/v1/chat/completions']) {
      const response = await fetch(gate.url + path)
      assert.equal(response.status, 404, path)
      await response.text()
    }
    assert.equal((await fetch(`${gate.url}/healthz`)).status, 200)
    assert.equal((await fetch(`${gate.url}/readyz`)).status, 200)
  })
})
