/** Explaining through the control socket: under what is in force, with the orders that stand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, JsonObject } from '../base/index.ts'
import type { ExplainedNow } from './explain.ts'
import { orderBody, startControlStage } from './sample-control.fixture.ts'
import type { Answered, ControlStage } from './sample-control.fixture.ts'

const request = { unit: 'ward', model: 'large', purpose: 'care', surface: 'console', consumer: 'seat' }

const ask = (stage: ControlStage, body: JsonObject): Promise<Answered> =>
  stage.ask({ method: 'POST', path: '/v1/explain', body })

async function explained(
  stage: ControlStage,
  asked: JsonObject,
  more: JsonObject = {},
): Promise<ExplainedNow> {
  const { status, body } = await ask(stage, { agreement: 'sample', request: asked, ...more })
  assert.equal(status, 200, JSON.stringify(body))
  return body as unknown as ExplainedNow
}

test('a request is explained under what is in force, at the present time where it names none', async () => {
  const stage = await startControlStage()
  const { agreement, decision, explanation, stops, disputed } = await explained(stage, {
    ...request,
    tool: 'post',
  })
  assert.deepEqual([agreement.id, agreement.version, agreement.entry], ['sample', 1, 1])
  assert.deepEqual([stops, disputed], [[], []])
  assert.deepEqual([decision.verdict, decision.asks], ['hold', ['two-person']])
  assert.deepEqual(explanation.decision, decision)
  assert.deepEqual(explanation.changes?.approvals, { lift: 'these', levels: ['two-person'] })
  assert.deepEqual(
    explanation.rules.map(({ rule, spoke }) => [rule, spoke]),
    [
      ['4.2#1', 'holds'],
      ['3#1', 'permits'],
    ],
  )
  const every = await explained(stage, request, { everyRule: true })
  assert.ok(every.explanation.rules.some(({ spoke }) => spoke === 'silent'))
})

test('while a stop order stands everything is denied, and the rules are explained all the same', async () => {
  const stage = await startControlStage()
  const stop = await stage.ask({ method: 'POST', path: '/v1/orders', body: await orderBody({}, ['agency']) })
  assert.equal(stop.status, 200)
  const { decision, stops, explanation } = await explained(stage, request)
  assert.deepEqual([decision.verdict, decision.citations[0]?.clause], ['deny', 'system.order'])
  assert.deepEqual(stops, ['order_1'])
  assert.equal(explanation.decision.verdict, 'allow')
})

test('what cannot be explained is refused with its reason', async () => {
  const stage = await startControlStage()
  const refused: [body: JsonObject, status: number, code: string][] = [
    [{ agreement: 'other', request }, 404, 'CONTROL_NOT_FOUND'],
    [{ agreement: 7, request }, 400, 'CONTROL_REQUEST'],
    [{ agreement: 'sample', request: { ...request, colour: 'blue' } }, 400, 'EXPLAIN_REQUEST'],
    [{ agreement: 'sample', request: null }, 400, 'EXPLAIN_REQUEST'],
    [{ agreement: 'sample', request: { ...request, text: 'Good day.' } }, 400, 'CONTROL_REQUEST'],
    [{ agreement: 'sample', request, everyRule: 'yes' }, 400, 'CONTROL_REQUEST'],
    [{ agreement: 'sample', request, more: 1 }, 400, 'CONTROL_REQUEST'],
    [{ agreement: 'sample' }, 400, 'CONTROL_REQUEST'],
  ]
  for (const [body, status, code] of refused) {
    const answer = await ask(stage, body)
    assert.deepEqual([answer.status, answer.body.error?.code], [status, code], JSON.stringify(body as Json))
  }
  assert.deepEqual(stage.faults, [])
})
