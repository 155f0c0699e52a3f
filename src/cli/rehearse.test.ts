import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { isAsExpected, readRehearsal, rehearse } from './rehearse.ts'
import type { RehearsalCall } from './rehearse.ts'

const examples = join(import.meta.dirname, '../../examples')
const calls = await readRehearsal(join(examples, 'rehearsal'))

interface DemoCaller {
  readonly id: string
  readonly agreements: readonly string[]
}

const callers = JSON.parse(
  await readFile(join(examples, 'demo-callers.json'), 'utf8'),
) as readonly DemoCaller[]

type Answer = (call: RehearsalCall, response: ServerResponse) => void

/** A gateway that knows every call by its caller and body and answers it as told. */
async function fakeGateway(t: TestContext, answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const caller = request.headers.authorization?.replace('Bearer key-of-', '')
      const call = calls.find(
        (each) => each.caller === caller && isDeepStrictEqual(each.body, body) && hasHeaders(request, each),
      )
      assert.ok(call, 'the gateway was sent something else than a call')
      answer(call, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

function hasHeaders(request: IncomingMessage, { headers = {} }: RehearsalCall): boolean {
  const sent = Object.entries(request.headers).filter(([name]) => name.startsWith('servanda-'))
  const meant = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return isDeepStrictEqual(sent.sort(), meant.sort())
}

const asExpected: Answer = ({ body, expect }, response) => {
  const { status, verdict, clauses = [] } = expect
  const servanda = { verdict, clauses: clauses.map((id) => ({ id, rule: `${id}#1` })) }
  const error = { error: { code: 'x', ...(verdict === 'deny' || verdict === 'hold' ? { servanda } : {}) } }
  const stream = body['stream'] === true
  response.writeHead(status, {
    'content-type': stream ? 'text/event-stream' : 'application/json',
    'servanda-receipt': 'a receipt',
  })
  const data = verdict === 'allow' ? { choices: [] } : error
  if (!stream) return response.end(JSON.stringify(data))
  response.end(
    `: a comment\n\ndata: ${JSON.stringify(data)}\n\n${verdict === 'allow' ? 'data: [DONE]\n\n' : ''}`,
  )
}

async function keysFile(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'servanda-rehearse-'))
  t.after(() => rm(directory, { recursive: true }))
  const file = join(directory, 'keys.json')
  await writeFile(file, JSON.stringify(Object.fromEntries(callers.map(({ id }) => [id, `key-of-${id}`]))))
  return file
}

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' }
  const io = { out: (text: string) => (written.out += text), err: (text: string) => (written.err += text) }
  const code = await rehearse(args, io)
  return { code, ...written }
}

test('rehearse exits 0 when every call met what is expected', async (t) => {
  const url = await fakeGateway(t, asExpected)
  const { code, out, err } = await run('--url', url, '--keys', await keysFile(t))
  assert.equal(err, '')
  assert.equal(code, 0, out)
  assert.match(out, new RegExp(`${calls.length} of ${calls.length} calls met what was expected\n$`))
  assert.match(out, /^ok +late-in-stream +screening +200 deny +200 deny +4\.7 +yes$/m)
})

test('rehearse plays the calls of a file', async (t) => {
  const url = await fakeGateway(t, asExpected)
  const file = join(examples, 'rehearsal/ended.json')
  const { code, out } = await run('--url', url, '--keys', await keysFile(t), '--calls', file)
  assert.equal(code, 0)
  assert.match(out, /after-the-end[^]*\n1 of 1 calls met what was expected\n$/)
})

test('rehearse exits 1 when a denied call is allowed, and says which', async (t) => {
  const url = await fakeGateway(t, (call, response) =>
    asExpected({ ...call, expect: { status: 200, verdict: 'allow' } }, response),
  )
  const keys = await keysFile(t)
  const { code, out } = await run('--url', url, '--keys', keys, '--only', 'follow-asked')
  assert.equal(code, 1)
  assert.match(out, /^NOT {2}follow-asked +screening +403 deny +200 allow/m)
  assert.equal((await run('--url', url, '--keys', keys, '--only', 'follow-twin')).code, 0)
})

test('rehearse takes a stream that just closes for cut, not for an end', async (t) => {
  const url = await fakeGateway(t, (_call, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"choices":[]}\n\n')
  })
  const { code, out } = await run(
    '--url',
    url,
    '--keys',
    await keysFile(t),
    '--only',
    'clean-stream',
    '--json',
  )
  assert.equal(code, 1)
  const { good, calls: played } = JSON.parse(out) as { good: boolean; calls: { met: unknown }[] }
  assert.deepEqual(
    played.map(({ met }) => met),
    [{ status: 200, verdict: 'cut', clauses: [], rules: [], receipt: false }],
  )
  assert.equal(good, false)
})

test('rehearse exits 2 when nothing can be played, and says why', async (t) => {
  const keys = await keysFile(t)
  const nobody = ['--url', 'http://127.0.0.1:9', '--keys', keys]
  for (const [args, message] of [
    [nobody, /no answer from http:\/\/127\.0\.0\.1:9 to/],
    [[...nobody, '--only', 'nothing'], /no call and no agreement is named `nothing`/],
    [['--keys', join(keys, 'missing')], /cannot read the callers' keys/],
    [[...nobody, '--calls', join(keys, 'missing')], /cannot read calls from/],
    [['--url', 'http://127.0.0.1:9', '--keys', keys, '--calls', keys], /cannot read calls from .*no list/],
    [['--url', 'nonsense'], /`nonsense` is not a URL/],
    [['--loud'], /usage: servanda rehearse/],
    [['positional'], /usage: servanda rehearse/],
  ] as const) {
    const { code, out, err } = await run(...args)
    assert.equal(code, 2, args.join(' '))
    assert.equal(out, '')
    assert.match(err, message)
  }
})

test('every call has a name of its own, a registered caller and a twin that meets the opposite', () => {
  const byName = new Map(calls.map((call) => [call.name, call]))
  assert.equal(byName.size, calls.length)
  for (const { name, caller, agreement, twin, expect } of calls) {
    const registered = callers.find(({ id }) => id === caller)
    assert.ok(registered?.agreements.includes(agreement), name)
    if (expect.verdict === 'allow') continue
    assert.equal(byName.get(twin ?? '')?.expect.verdict, 'allow', name)
  }
})

test('isAsExpected asks for the rules where a call names them', () => {
  const met = {
    status: 403,
    verdict: 'deny',
    clauses: ['8.2'],
    rules: ['8.2#allotted'],
    receipt: true,
  } as const
  const expect = { status: 403, verdict: 'deny', clauses: ['8.2'] } as const
  assert.ok(isAsExpected(met, expect))
  assert.ok(isAsExpected(met, { ...expect, rules: ['8.2#allotted'] }))
  assert.ok(!isAsExpected(met, { ...expect, rules: ['8.2#allotted', '8.2#ceiling'] }))
})
