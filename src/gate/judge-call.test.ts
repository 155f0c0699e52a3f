import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '../base/index.ts'
import { openIntentReceipt } from '../records/index.ts'
import { sampleIntent, sampleLog, sampleTime } from '../records/sample-intent.ts'
import type { Standing } from '../standing/index.ts'
import { judgeCall } from './judge-call.ts'
import { agreement } from './sample-gate.fixture.ts'

const { hash: text, schedule } = agreement
const [route] = schedule.routes
const large = { ...schedule.models.find(({ id }) => id === 'large')!, name: 'Meridian/Large' }
const inForce = { entry: 1, agreement, stops: [] as readonly string[] }
const versionOf = (name?: string) => ({
  ...{ id: 'large-2', model: 'large', clause: '2' },
  ...(name === undefined ? {} : { name }),
})

/** What becomes of a call whose body names this model, where the route has this version. */
async function judge(named: string, version?: ReturnType<typeof versionOf>): Promise<string> {
  const body = utf8(JSON.stringify({ model: named, messages: [] }))
  const intent = openIntentReceipt((await sampleIntent({ body, leaf: { text } })).header, sampleLog)
  const routes = new Map([['general', { route, model: large, inForce, ...(version ? { version } : {}) }]])
  const lease = { require: () => ({ routes }) as unknown as Standing }
  const judged = judgeCall(intent, body, { clock: { now: () => sampleTime }, lease })
  return 'reason' in judged ? judged.reason : 'served'
}

test('judgeCall serves the version that the route names, by the name that its upstream has for it', async () => {
  assert.equal(await judge('Meridian/Large'), 'served')
  assert.equal(await judge('Meridian/Large', versionOf()), 'served')
  assert.equal(await judge('Meridian/Large-2', versionOf('Meridian/Large-2')), 'served')
})

test('judgeCall turns away a body that names another version, the model, or an id in the place of a name', async () => {
  const version = versionOf('Meridian/Large-2')
  for (const named of ['Meridian/Large', 'Meridian/Large-1', 'large', 'large-2', 'general', '']) {
    assert.equal(await judge(named, version), 'unlisted', named)
  }
  assert.equal(await judge('Meridian/Large-2'), 'unlisted')
  assert.equal(await judge('large-2', versionOf()), 'unlisted')
})
