/** Killed, told to end, or with a disk that takes nothing: nothing opens, nothing acknowledged is lost. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { hangAfter, initialise, say, startModel } from './model.ts'
import { audit, entriesOf, makeHome, run, start, until } from './program.ts'
import type { Home, Program } from './program.ts'
import { chat, openStage, post } from './stage.ts'
import type { Stage } from './stage.ts'

const opening = 'Once upon a time there was a quiet town beside a river. '.repeat(8)
const streamed = chat('Tell me.', { stream: true })

async function newStage(t: TestContext, workers: string): Promise<Stage> {
  const stage = await openStage(workers)
  t.after(() => stage[Symbol.asyncDispose]())
  return stage
}

interface OpenStream {
  leave(): void
  /** Everything up to the end, or to the break. */
  readonly text: Promise<{ readonly text: string; readonly broken: boolean }>
}

/** Opens a stream and resolves when its first bytes are there. */
async function openStream({ url }: Program, key: string): Promise<OpenStream> {
  const leaving = new AbortController()
  const response = await fetch(`${url}/v1/chat/completions`, {
    signal: leaving.signal,
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: streamed,
  })
  assert.equal(response.status, 200)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = (await reader.read()).value ?? ''
  const rest = async () => {
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) text += piece.value
      return { text, broken: false }
    } catch {
      return { text, broken: true }
    }
  }
  return { text: rest(), leave: () => leaving.abort() }
}

function outcomes(home: Home): readonly string[] {
  return entriesOf(home).flatMap((entry) => (entry.kind === 'outcome' ? [entry.status] : []))
}

function count(home: Home, kind: string): number {
  return entriesOf(home).filter((entry) => entry.kind === kind).length
}

/** Process ids of the workers that a primary has started. */
function workersOf(program: Program): readonly number[] {
  const pid = program.child.pid!
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text
    .trim()
    .split(' ')
    .filter((word) => word !== '')
    .map(Number)
}

for (const workers of ['1', '2']) {
  describe(`failures with ${workers} worker(s)`, () => {
    test('killed in the middle of streams, the next start gives each its interrupted outcome', async (t) => {
      const { home, model, keys, program } = await newStage(t, workers)
      model.play = hangAfter(opening)
      const streams = await Promise.all(Array.from({ length: 6 }, () => openStream(program, keys.care)))
      await program.kill()
      for (const { text } of streams) {
        const ended = await text
        assert.ok(ended.broken && !ended.text.includes('[DONE]'))
      }
      const again = await start(home, [], { settings: { SERVANDA_WORKERS: workers } })
      t.after(() => again.kill())
      assert.deepEqual(outcomes(home), Array<string>(6).fill('interrupted'))
      model.play = say('Gladly.')
      assert.equal((await post(again, keys.care, chat('Hello.'))).status, 200)
      assert.equal(await again.stop(), 0)
      const summary = await audit(home)
      assert.deepEqual(summary.openIntents, [])
    })

    test('told to end in the middle of streams, it ends them with an error and an outcome', async (t) => {
      const { home, model, keys, program } = await newStage(t, workers)
      model.play = hangAfter(opening)
      const streams = await Promise.all(Array.from({ length: 4 }, () => openStream(program, keys.care)))
      assert.equal(await program.stop(), 0)
      for (const { text } of streams) {
        const ended = await text
        assert.ok(
          !ended.broken && ended.text.includes('standing_unknown') && !ended.text.includes('[DONE]'),
          ended.text,
        )
      }
      assert.deepEqual(outcomes(home), Array<string>(4).fill('stopped'))
      assert.deepEqual((await audit(home)).openIntents, [])
    })

    test('while the disk takes nothing nothing passes, and afterwards it goes on', async (t) => {
      const { home, model, keys, program } = await newStage(t, workers)
      model.play = hangAfter(opening)
      const stream = await openStream(program, keys.care)
      const asked = model.asked.length
      {
        using other = new DatabaseSync(join(home.data, 'recorder.sqlite'), { timeout: 5000 })
        other.exec('BEGIN IMMEDIATE')
        model.play = say('Gladly.')
        const refused = await Promise.all([
          post(program, keys.care, chat('Hello.')),
          post(program, keys.policing, chat('Hello.')),
        ])
        for (const { status, error } of refused) {
          assert.deepEqual(
            [status, ['ledger_unavailable', 'standing_unknown'].includes(error.code)],
            [503, true],
            error.code,
          )
        }
        assert.equal(model.asked.length, asked, 'nothing was sent')
        other.exec('ROLLBACK')
      }
      await until(
        'the gateway goes on',
        async () => (await post(program, keys.care, chat('Hello.'))).status === 200,
      )
      await until('the gap is written', () => count(home, 'gap') > 0)
      stream.leave()
      assert.ok(!(await stream.text).text.includes('[DONE]'))
      assert.equal(await program.stop(), 0)
      assert.deepEqual((await audit(home)).openIntents, [])
    })

    test('an outcome that cannot be written ends the stream with an error and not with its end', async (t) => {
      const { home, model, keys, program } = await newStage(t, workers)
      const finish = Promise.withResolvers<null>()
      model.play = async (request, response) => {
        await hangAfter(opening)(request, response)
        await finish.promise
        response.end(
          'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
        )
      }
      const stream = await openStream(program, keys.care)
      {
        using other = new DatabaseSync(join(home.data, 'recorder.sqlite'), { timeout: 5000 })
        other.exec('BEGIN IMMEDIATE')
        finish.resolve(null)
        const { text, broken } = await stream.text
        assert.ok(!broken && !text.includes('[DONE]'), text.slice(-300))
        assert.match(text, /"code":"(ledger_unavailable|standing_unknown)"/)
        assert.equal(text.match(/"error":/g)?.length, 1)
        other.exec('ROLLBACK')
      }
      await until('the outcome that is owed is written', () => outcomes(home).length === 1)
      assert.deepEqual(outcomes(home), ['interrupted'])
      assert.equal(await program.stop(), 0)
      assert.deepEqual((await audit(home)).openIntents, [])
    })

    test('a file that may not grow ends in refusals, never in an answer without an entry', async (t) => {
      const home = makeHome()
      t.after(() => home[Symbol.dispose]())
      const model = await startModel()
      t.after(() => model[Symbol.asyncDispose]())
      const keys = await initialise(home, model.baseUrl)
      const limited = await start(home, [], {
        settings: { SERVANDA_WORKERS: workers },
        before: 'ulimit -f 300',
      })
      t.after(() => limited.kill())
      let answered = 0
      let refused = false
      while (!refused) {
        const answer = await post(limited, keys.care, chat('Hello. '.repeat(2000))).catch(() => null)
        if (answer?.status === 200) answered++
        else refused = true
        assert.ok(answered < 1000, 'the limit must be met')
      }
      await limited.kill()
      const again = await start(home, [], { settings: { SERVANDA_WORKERS: workers } })
      t.after(() => again.kill())
      assert.equal((await post(again, keys.care, chat('Hello.'))).status, 200)
      assert.equal(await again.stop(), 0)
      assert.deepEqual((await audit(home)).openIntents, [])
      assert.equal(outcomes(home).filter((status) => status === 'completed').length, answered + 1)
    })

    test('every scripted call of the rehearsal ends as it must', async (t) => {
      const home = makeHome()
      t.after(() => home[Symbol.dispose]())
      const program = await start(home, ['--demo'], { settings: { SERVANDA_WORKERS: workers } })
      t.after(() => program.kill())
      const rehearsed = await run(home, ['rehearse', '--url', program.url])
      assert.equal(rehearsed.code, 0, rehearsed.out)
      assert.equal(await program.stop(), 0)
      assert.deepEqual((await audit(home)).openIntents, [])
    })
  })
}

describe('two workers', () => {
  const skip = process.platform === 'linux' ? false : 'finds the workers in /proc'

  test('one that is killed leaves interrupted outcomes, and another takes its place', { skip }, async (t) => {
    const { home, model, keys, program } = await newStage(t, '2')
    model.play = hangAfter(opening)
    const streams = await Promise.all(Array.from({ length: 8 }, () => openStream(program, keys.care)))
    const before = workersOf(program)
    assert.equal(before.length, 2)
    process.kill(before[0]!, 'SIGKILL')
    await Promise.race(streams.map(({ text }) => text))
    await until('its outcomes are written', () => outcomes(home).includes('interrupted'))
    model.play = say('Gladly.')
    for (let call = 0; call < 8; call++) {
      assert.equal((await post(program, keys.care, chat('Hello.'))).status, 200)
    }
    await until('another worker is there', () => {
      const now = workersOf(program)
      return now.length === 2 && !now.includes(before[0]!)
    })
    const metrics = await (await fetch(`${program.url}/metrics`)).text()
    assert.match(metrics, /servanda_decisions_total\{verdict="allow",rule="3#1"\} \d+/)
    assert.equal(await program.stop(), 0)
    const summary = await audit(home)
    assert.deepEqual(summary.openIntents, [])
    const ends = outcomes(home)
    assert.ok(
      ends.includes('interrupted') && ends.includes('stopped') && ends.includes('completed'),
      ends.join(),
    )
  })
})
