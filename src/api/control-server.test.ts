/** Orders, certificates and what is in force, through the control socket; and the socket itself. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Json } from '../base/index.ts'
import { CurrentStanding } from './current-standing.ts'
import { createControl, enrolReviewers, enrolmentGaps, listenOnSocket, socketAddress } from './index.ts'
import {
  orderBody,
  recordKey,
  reviewers,
  startControlStage,
  sampleActivation,
} from './sample-control.fixture.ts'
import type { ControlStage } from './sample-control.fixture.ts'
import { buildStanding } from '../standing/index.ts'
import { standingView } from './standing-view.ts'
import type { AgreementView } from './standing-view.ts'
import { sampleAgreement } from '../oversight/sample-hold.fixture.ts'

const order = (stage: ControlStage, body: Json) => stage.ask({ method: 'POST', path: '/v1/orders', body })
const stopsOf = async (stage: ControlStage): Promise<readonly string[]> => {
  const { body } = await stage.ask({ method: 'GET', path: '/v1/standing' })
  return (body['agreements'] as { stops: string[] }[])[0]!.stops
}

test('what is in force is told to whoever may open the socket', async () => {
  const stage = await startControlStage()
  const { status, body } = await stage.ask({ method: 'GET', path: '/v1/standing' })
  assert.equal(status, 200)
  assert.deepEqual(body, {
    origin: 'gateway.example/recorder',
    agreements: [
      {
        id: 'sample',
        version: 1,
        title: 'A sample',
        hash: sampleAgreement.hash,
        until: '2030-01-01T00:00:00.000Z',
        entry: 1,
        demo: true,
        stops: [],
        parties: [
          { id: 'agency', threshold: 1 },
          { id: 'provider', threshold: 1 },
        ],
        disputes: [],
        unsatisfiable: [],
        amount: {
          ...{ currency: 'USD', committed: '0', allotted: '10.5', percent: 0 },
          ...{ warningPercent: null, warning: false },
        },
      },
    ],
    announced: [],
    reviewers: reviewers.length,
    checkpoint: null,
  })
})

test('what is in force is told with the levels that nobody can satisfy, and with what of the money is committed', async () => {
  const stage = await startControlStage()
  const { reviewers: enrolled } = await stage.recorder.standing()
  await stage.recorder.note({ kind: 'reviewers', reviewers: enrolled.slice(0, 2) })
  await stage.recorder.reserve('sample', 8_000_000)
  for (const again of [1, 2]) {
    const { body } = await stage.ask({ method: 'GET', path: '/v1/standing' })
    const [{ unsatisfiable, amount }] = body['agreements'] as [
      Pick<AgreementView, 'unsatisfiable' | 'amount'>,
    ]
    assert.deepEqual(unsatisfiable, [
      { level: 'two-person', rules: ['4.2#1'], asks: '2 persons', missing: '1 person' },
    ])
    assert.deepEqual(
      [amount?.committed, amount?.percent],
      ['8', 76],
      `to be told binds nothing, time ${again}`,
    )
  }
})

test('a provider’s gate has neither reviewers who could be too few nor money', async () => {
  const { recorder, clock } = await startControlStage()
  await recorder.note({ kind: 'reviewers', reviewers: [] })
  const standing = buildStanding(await recorder.standing(), clock.now())
  const [told] = standingView(standing, { note: null, shares: null }).agreements
  assert.deepEqual([told?.unsatisfiable, told?.amount], [[], null])
})

test('one party stops, no party resumes alone, all of them do', async () => {
  const stage = await startControlStage()
  const stopped = await order(stage, await orderBody({}, ['provider']))
  assert.deepEqual(
    [stopped.status, stopped.body['stops'], stopped.body['demoParties']],
    [200, ['order_1'], ['provider']],
  )
  assert.deepEqual(await stopsOf(stage), ['order_1'])
  const resume = { order: 'resume', id: 'order_2', lifts: ['order_1'] } as const
  for (const party of ['agency', 'provider']) {
    const { status, body } = await order(stage, await orderBody(resume, [party]))
    assert.deepEqual([status, body.error?.code], [409, 'ENVELOPE_SIGNATURES'])
  }
  assert.deepEqual(await stopsOf(stage), ['order_1'])
  const resumed = await order(stage, await orderBody(resume, ['agency', 'provider']))
  assert.deepEqual([resumed.status, resumed.body['stops']], [200, []])
  assert.deepEqual(await stopsOf(stage), [])
})

test('an order is carried out once, and a stop that was lifted is not given again by its bytes', async () => {
  const stage = await startControlStage()
  const stop = await orderBody({}, ['agency'])
  const resume = await orderBody({ order: 'resume', id: 'order_2', lifts: ['order_1'] }, [
    'agency',
    'provider',
  ])
  assert.equal((await order(stage, stop)).status, 200)
  assert.equal((await order(stage, stop)).status, 409)
  assert.equal((await order(stage, resume)).status, 200)
  assert.equal((await order(stage, resume)).status, 404, 'the stop that it lifts is lifted')
  assert.equal((await order(stage, stop)).status, 409)
  assert.deepEqual(await stopsOf(stage), [])
})

test('an order that is wrong in anything is refused, and nothing is written', async () => {
  const stage = await startControlStage()
  const good = (await orderBody({}, ['agency'])) as Record<string, Json>
  const wrong: readonly (readonly [string, Json, number, string])[] = [
    ['no object', 'stop', 400, 'CONTROL_REQUEST'],
    ['a member too many', { ...good, force: true }, 400, 'CONTROL_REQUEST'],
    ['no envelope', { ...good, envelope: {} }, 400, 'ENVELOPE_MALFORMED'],
    ['another reason than was signed', { ...good, reason: 'Another.' }, 400, 'CONTROL_REQUEST'],
    ['nobody', await orderBody({}, []), 409, 'ENVELOPE_SIGNATURES'],
    ['a stranger', await orderBody({}, ['overseer']), 409, 'ENVELOPE_SIGNATURES'],
    ['another agreement', await orderBody({ agreement: 'other' }, ['agency']), 404, 'CONTROL_NOT_FOUND'],
    ['another text', await orderBody({ text: `sha256:${'0'.repeat(64)}` }, ['agency']), 409, 'ORDER_FALSE'],
    [
      'a stop that does not stand',
      await orderBody({ order: 'resume', lifts: ['order_9'] }, ['agency', 'provider']),
      404,
      'CONTROL_NOT_FOUND',
    ],
  ]
  const before = stage.leaves().length
  for (const [what, body, status, code] of wrong) {
    const answer = await order(stage, body)
    assert.deepEqual([answer.status, answer.body.error?.code], [status, code], what)
  }
  assert.equal(stage.leaves().length, before)
  assert.deepEqual(stage.faults, [])
})

test('a stop ends the holds of its agreement', async () => {
  const stage = await startControlStage()
  await stage.hold()
  await order(stage, await orderBody({}, ['agency']))
  const { body } = await stage.ask({ method: 'GET', path: '/v1/holds', as: 'ada' })
  assert.deepEqual(body['holds'], [])
})

test('certificates are made one after another, also where one fails', async () => {
  let [running, most, made] = [0, 0, 0]
  const stage = await startControlStage({
    async certify() {
      most = Math.max(most, ++running)
      for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
      running--
      if (++made === 2) throw new Error('the second fails')
      return { payloadType: 'x', payload: '', signatures: [] }
    },
  })
  const body = { certificate: 'exclusion', supplier: 'borealis', from: 1, to: 2 }
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => stage.ask({ method: 'POST', path: '/v1/certificates', body })),
  )
  assert.deepEqual([most, made], [1, 5])
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 500])
})

test('a certificate is asked for with a supplier and a period, and by nothing else', async () => {
  const asked: object[] = []
  const certificate = { payloadType: 'x', payload: '', signatures: [] }
  const stage = await startControlStage({
    certify(period) {
      asked.push(period)
      return Promise.resolve(certificate)
    },
  })
  const ask = (body: Json) => stage.ask({ method: 'POST', path: '/v1/certificates', body })
  const good = { certificate: 'exclusion', supplier: 'borealis', from: 1, to: 2 }
  assert.deepEqual((await ask(good)).body, { certificate })
  assert.deepEqual(asked, [{ supplier: 'borealis', from: 1, to: 2 }])
  const wrong = [
    { ...good, certificate: 'inclusion' },
    { ...good, supplier: '../x' },
    { ...good, supplier: 1 },
    { ...good, from: -1 },
    { ...good, to: 1.5 },
    { ...good, to: '2' },
    { ...good, more: 1 },
    { certificate: 'exclusion' },
    [],
  ]
  for (const body of wrong) {
    const answer = await ask(body)
    assert.deepEqual([answer.status, answer.body.error?.code], [400, 'CONTROL_REQUEST'], JSON.stringify(body))
  }
  assert.equal(asked.length, 1)
})

test('what nobody foresaw is told to the operator and not to whoever asked', async () => {
  const stage = await startControlStage({ certify: () => Promise.reject(new Error('the inside')) })
  const body = { certificate: 'exclusion', supplier: 'borealis', from: 1, to: 2 }
  const answer = await stage.ask({ method: 'POST', path: '/v1/certificates', body })
  assert.deepEqual([answer.status, answer.body.error?.code], [500, 'CONTROL_FAILED'])
  assert.doesNotMatch(JSON.stringify(answer.body), /inside/)
  assert.equal(stage.faults.length, 1)
})

test('a gate without the records takes orders, and says which gate has holds and records', async () => {
  const { recorder, clock } = await startControlStage()
  const app = createControl({
    recorder,
    clock,
    checkpoint: () => Promise.resolve(null),
    certify: () => Promise.reject(new Error('none')),
    activation: sampleActivation,
    fault: (error) => assert.fail(String(error)),
  })
  for (const [method, url] of [
    ['GET', '/v1/holds'],
    ['POST', '/v1/holds/hold_1/decisions'],
    ['POST', '/v1/replay'],
  ] as const) {
    const { statusCode, body } = await app.inject({ method, url })
    assert.equal(statusCode, 404)
    assert.match(body, /ask the agency's gate/)
  }
  const payload = JSON.stringify(await orderBody({}, ['provider']))
  const headers = { 'content-type': 'application/json' }
  const stopped = await app.inject({ method: 'POST', url: '/v1/orders', headers, payload })
  assert.equal(stopped.statusCode, 200)
})

test('what was in force at start is not read again', async () => {
  const { recorder, clock } = await startControlStage()
  const read = buildStanding(await recorder.standing(), clock.now())
  const known = await new CurrentStanding({ recorder, clock, standing: read }).read()
  assert.equal(known.read.get(1), read.read.get(1))
  const anew = await new CurrentStanding({ recorder, clock }).read()
  assert.notEqual(anew.read.get(1), read.read.get(1))
})

test('bodies are bounded, strict and JSON', async () => {
  const { app } = await startControlStage()
  const post = (payload: string, type = 'application/json') =>
    app.inject({ method: 'POST', url: '/v1/orders', headers: { 'content-type': type }, payload })
  assert.equal((await post('x'.repeat(131_073))).statusCode, 413)
  assert.equal((await post('{"a":1,"a":2}')).statusCode, 400)
  assert.equal((await post('{')).statusCode, 400)
  assert.equal((await post(`${'['.repeat(50)}${']'.repeat(50)}`)).statusCode, 400)
  assert.equal((await post('{}', 'text/plain')).statusCode, 415)
  assert.equal((await app.inject({ method: 'DELETE', url: '/v1/holds' })).statusCode, 404)
})

test('listenOnSocket takes the place of a socket that a crash left, and only its owner opens it', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'servanda-socket-'))
  t.after(() => rm(directory, { recursive: true }))
  const path = join(directory, 'control.sock')
  await writeFile(path, '')
  const { app } = await startControlStage()
  await listenOnSocket(app, path)
  try {
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    const status = await new Promise((resolve, reject) => {
      const asked = request({ socketPath: path, path: '/v1/standing' }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on('error', reject).end()
    })
    assert.equal(status, 200)
  } finally {
    await app.close()
  }
  await assert.rejects(stat(path), { code: 'ENOENT' })
})

test('socketAddress refuses a path that a socket cannot have, and takes the shorter name', () => {
  assert.throws(() => socketAddress(`/${'x'.repeat(120)}/control.sock`), { code: 'CONTROL_FAILED' })
  const near = join(process.cwd(), `${'x'.repeat(80)}/control.sock`)
  assert.equal(socketAddress(near), `${'x'.repeat(80)}/control.sock`)
})

test('enrolReviewers writes an entry where the list has changed, and only there', async () => {
  const stage = await startControlStage()
  const { recorder } = stage
  const enrol = (list: typeof reviewers) => enrolReviewers(list, { recorder, recordKey })
  const before = stage.leaves().length
  assert.equal(await enrol(reviewers), false)
  assert.equal(stage.leaves().length, before)
  assert.equal(await enrol(reviewers.slice(1)), true)
  assert.equal(await enrol(reviewers.slice(1)), false)
  assert.equal(await enrol([]), true, 'a file that is gone enrols nobody')
  assert.equal(await enrol([]), false)
  assert.deepEqual(
    stage
      .leaves()
      .slice(before)
      .map((leaf) => (leaf.kind === 'reviewers' ? leaf.reviewers.length : leaf.kind)),
    [reviewers.length - 1, 0],
  )
})

test('enrolmentGaps names what can never count, what is never enough, and whose calls are not known', async () => {
  const { recorder, clock } = await startControlStage()
  const { agreements } = buildStanding(await recorder.standing(), clock.now())
  const callers = new Set(['clerk'])
  const gapsOf = (list: typeof reviewers) => enrolmentGaps(list, { agreements, callers })
  const [ada, again] = reviewers
  assert.deepEqual(gapsOf(reviewers.slice(0, 5)), [])
  const strange = [
    { ...ada!, agreement: 'other' },
    { ...ada!, levels: ['owner'] },
    { ...ada!, callers: ['clark'] },
    { ...ada!, roles: ['consul'], unit: 'wart' },
    { ...ada!, levels: ['joint'], roles: ['reviewers'], unit: 'intelligence' },
  ]
  assert.deepEqual(gapsOf([ada!, again!, ...strange]), [
    'reviewer `ada`: no caller `clark` is registered',
    'reviewer `ada`: no agreement `other` is in force',
    'reviewer `ada`: `sample` has no level `owner`',
    'reviewer `ada`: `sample` has no role `consul`',
    'reviewer `ada`: `sample` has no unit `wart`',
    'reviewer `ada`: counts for no part of level `joint`, which asks one of counsel and one of reviewers of clinic',
    'level `two-person` of `sample` asks 2 persons, and the reviewers lack 1 person: what it holds cannot be approved',
  ])
})
