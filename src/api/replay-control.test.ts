/** Replays through the control socket: who may have one, what is refused, and that it ends with whoever asked. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { sampleText } from '../agreement/sample-agreement.ts'
import type { JsonObject } from '../base/index.ts'
import type { Leaf, PublishedEntries } from '../ledger/index.ts'
import { sampleAgreement } from '../oversight/sample-hold.fixture.ts'
import { listenOnSocket, socketAddress } from './index.ts'
import { startControlStage } from './sample-control.fixture.ts'
import type { ControlStage } from './sample-control.fixture.ts'

const nothing: PublishedEntries = {
  size: 0,
  lastTime: 0,
  async *since() {
    // Nothing is published yet.
  },
}
const asked = { text: sampleAgreement.text, since: 0, until: 1e12 }
const ask = (stage: ControlStage, body: JsonObject) => stage.ask({ method: 'POST', path: '/v1/replay', body })

test('a replay is answered at the gate that decides, and nowhere else', async () => {
  const agency = await startControlStage({ published: () => Promise.resolve(nothing) })
  const { status, body } = await ask(agency, asked)
  assert.deepEqual([status, body['agreement'], body['decisions']], [200, 'sample', 0])
  const gate = await startControlStage()
  assert.equal((await ask(gate, asked)).status, 404)
})

test('a replay of another form, under a text with errors or another agreement, is refused', async () => {
  const stage = await startControlStage({ published: () => Promise.resolve(nothing) })
  const refused: [body: JsonObject, status: number, code: string][] = [
    [{ ...asked, since: '2026' }, 400, 'CONTROL_REQUEST'],
    [{ ...asked, text: 7 }, 400, 'CONTROL_REQUEST'],
    [{ ...asked, more: 1 }, 400, 'CONTROL_REQUEST'],
    [{ ...asked, text: '# Nothing' }, 400, 'CONTROL_REQUEST'],
    [{ ...asked, text: sampleText({ id: 'other' }) }, 404, 'CONTROL_NOT_FOUND'],
  ]
  for (const [body, status, code] of refused) {
    const answer = await ask(stage, body)
    assert.deepEqual([answer.status, answer.body.error?.code], [status, code])
  }
  assert.deepEqual(stage.faults, [])
})

test('a replay ends when whoever asked has gone, and the next one has its turn', async (t) => {
  const begun = Promise.withResolvers<undefined>()
  let replays = 0
  const stage = await startControlStage({
    published: () => Promise.resolve(replays++ === 0 ? { ...nothing, since: () => endless(begun) } : nothing),
  })
  const directory = await mkdtemp(join(tmpdir(), 'servanda-replay-'))
  const socket = join(directory, 'control.sock')
  t.after(() => rm(directory, { recursive: true }))
  t.after(() => stage.app.close())
  await listenOnSocket(stage.app, socket)
  const headers = { 'content-type': 'application/json' }
  const options = { socketPath: socketAddress(socket), method: 'POST', path: '/v1/replay', headers }
  const asking = request(options)
  asking.on('error', () => undefined)
  asking.end(JSON.stringify(asked))
  await begun.promise
  asking.destroy()
  assert.equal((await ask(stage, asked)).status, 200)
  assert.deepEqual(stage.faults, [])
})

async function* endless(begun: PromiseWithResolvers<undefined>): AsyncGenerator<readonly Leaf[]> {
  begun.resolve(undefined)
  for (let seq = 0; ; seq++) {
    await setImmediate()
    yield [{ v: 1, kind: 'gap', seq, time: 1, refusals: 1 }]
  }
}
