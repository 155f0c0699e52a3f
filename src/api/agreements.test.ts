/** Versions through the control socket: what acts at once, what waits, and what is refused with nothing written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoKeyName, signDispute, signStatement, statementOf } from '../agreement/index.ts'
import type { Agreement, Dispute } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { digestOf } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { sampleAgreement } from '../oversight/sample-hold.fixture.ts'
import { StandingError } from '../standing/index.ts'
import type { AgreementTaken } from './agreements.ts'
import { orderBody, reviewerSigner, sampleActivation, startControlStage } from './sample-control.fixture.ts'
import type { ControlStage } from './sample-control.fixture.ts'

const dayMs = 86_400_000
/** When the clock of the stage begins. */
const begun = Date.UTC(2026, 2, 2, 9)
const minuteMs = 60_000
/** The sample names no cooling-off period, so 30 days. */
const cooledOff = begun + 30 * dayMs + minuteMs

/** The next version, with each text replaced; each must be there. */
function amended(
  previous: Agreement,
  ...changes: readonly (readonly [from: string, to: string])[]
): Agreement {
  const { version, previous: before } = previous.schedule
  const replaced = changes.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), from)
    return text.replace(from, to)
  }, previous.text)
  const numbered = replaced
    .replace(before === undefined ? '' : `previous: ${before}\n`, '')
    .replace(`version: ${version}\n`, `version: ${version + 1}\nprevious: ${previous.hash}\n`)
  return requireAgreement(numbered)
}

const tighter = amended(sampleAgreement, ['committed > 5000000', 'committed > 4000000'])
const looser = amended(sampleAgreement, ['committed > 5000000', 'committed > 9000000'])

async function bodyOf(
  agreement: Agreement,
  effective = begun,
  parties: readonly string[] = ['agency', 'provider'],
): Promise<{ text: string; envelope: Json }> {
  const { id } = agreement.schedule
  const signers = parties.map((party) => reviewerSigner(demoKeyName(id, party)))
  const signed = await signStatement(statementOf(agreement, effective), signers)
  return { text: agreement.text, envelope: structuredClone(signed) as unknown as Json }
}

async function hand(stage: ControlStage, body: Json) {
  const { status, body: answer } = await stage.ask({ method: 'POST', path: '/v1/agreements', body })
  return {
    status,
    code: answer.error?.code,
    message: JSON.stringify(answer.error),
    taken: answer as unknown as AgreementTaken,
  }
}

const versionOf = async (stage: ControlStage): Promise<number> => {
  const { body } = await stage.ask({ method: 'GET', path: '/v1/standing' })
  return (body['agreements'] as { version: number }[])[0]!.version
}

const kinds = (stage: ControlStage): string[] => stage.leaves().map(({ kind }) => kind)

test('what tightens comes into force at once, and a second time is told so', async () => {
  const stage = await startControlStage()
  const body = await bodyOf(tighter)
  const { status, taken } = await hand(stage, body)
  assert.equal(status, 200)
  const { outcome, version, verdict, entry, actsFrom, demoParties } = taken
  assert.deepEqual(
    [outcome, version, verdict, entry, actsFrom, demoParties],
    ['in-force', 2, 'stronger', stage.leaves().length - 1, null, ['agency', 'provider']],
  )
  assert.equal(await versionOf(stage), 2)
  const written = stage.leaves().length
  assert.equal((await hand(stage, body)).taken.outcome, 'already-in-force')
  assert.equal(stage.leaves().length, written)
  const third = amended(tighter, ['committed > 4000000', 'committed > 3000000'])
  assert.equal((await hand(stage, await bodyOf(third))).taken.outcome, 'in-force')
  assert.equal(await versionOf(stage), 3)
})

test('what is put beside the signatures that count is not written, so it cannot fill an entry', async () => {
  const stage = await startControlStage()
  const idle = Array.from({ length: 900 }, (_, i) => ({ keyid: `the name of a person ${i}`, sig: 'AAAA' }))
  const flooded = ({ envelope, ...rest }: Awaited<ReturnType<typeof bodyOf>>): Json => {
    const { signatures, ...plain } = envelope as { signatures: Json[] }
    return { ...rest, envelope: { ...plain, signatures: [...idle, ...signatures, ...signatures] } }
  }
  const known = await bodyOf(looser, cooledOff)
  const second = await bodyOf(tighter)
  assert.equal((await hand(stage, flooded(known))).taken.outcome, 'announced')
  assert.equal((await hand(stage, flooded(second))).taken.outcome, 'in-force')
  const [announced, activation] = stage.leaves().slice(-2)
  assert.ok(announced?.kind === 'announced' && activation?.kind === 'activation')
  assert.deepEqual([announced.envelope, activation.envelope], [known.envelope, second.envelope])
  assert.deepEqual(stage.faults, [])
})

test('of two that are handed in at once one comes into force', async () => {
  const stage = await startControlStage()
  const other = amended(sampleAgreement, ['committed > 5000000', 'committed > 3000000'])
  const answers = await Promise.all(
    [bodyOf(tighter), bodyOf(other)].map(async (body) => hand(stage, await body)),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
})

test('what tightens waits for the time that was signed, and nothing is written before', async () => {
  const stage = await startControlStage()
  const before = stage.leaves().length
  const body = await bodyOf(tighter, begun + 1)
  const { taken } = await hand(stage, body)
  assert.deepEqual(
    [taken.outcome, taken.entry, taken.actsFrom],
    ['early', null, new Date(begun + 1).toISOString()],
  )
  assert.equal(stage.leaves().length, before)
  stage.clock.time = begun + 1
  assert.equal((await hand(stage, body)).taken.outcome, 'in-force')
})

test('what loosens is made known first, is refused until its time, and then acts', async () => {
  const stage = await startControlStage()
  const body = await bodyOf(looser, cooledOff)
  const { taken } = await hand(stage, body)
  assert.deepEqual([taken.outcome, taken.verdict], ['announced', 'weaker'])
  assert.equal(taken.actsFrom, new Date(cooledOff).toISOString())
  const announced = stage.leaves().at(-1)
  assert.ok(announced?.kind === 'announced')
  assert.equal(announced.hash, looser.hash)
  const { body: standing } = await stage.ask({ method: 'GET', path: '/v1/standing' })
  assert.deepEqual(standing['announced'], [
    {
      ...{ agreement: 'sample', version: 2, hash: looser.hash, entry: announced.seq },
      ...{ announced: new Date(announced.time).toISOString(), actsFrom: new Date(cooledOff).toISOString() },
    },
  ])
  const written = stage.leaves().length
  for (const time of [begun, cooledOff - 1]) {
    stage.clock.time = time
    const again = await hand(stage, body)
    assert.deepEqual([again.taken.outcome, again.taken.entry], ['already-announced', announced.seq])
  }
  assert.equal(stage.leaves().length, written)
  assert.equal(await versionOf(stage), 1)
  stage.clock.time = cooledOff
  assert.equal((await hand(stage, body)).taken.outcome, 'in-force')
  const activation = stage.leaves().at(-1)
  assert.ok(activation?.kind === 'activation')
  assert.equal(activation.announced, announced.seq)
  assert.equal(await versionOf(stage), 2)
})

test('who signs after an amendment was made known changes nothing of what comes into force', async () => {
  const stage = await startControlStage()
  const body = await bodyOf(looser, cooledOff)
  await hand(stage, body)
  stage.clock.time = cooledOff
  const envelope = body.envelope as { signatures: Json[] }
  const more = {
    ...body,
    envelope: { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] },
  }
  assert.equal((await hand(stage, more as unknown as Json)).taken.outcome, 'in-force')
  const [announced, activation] = stage.leaves().slice(-2)
  assert.ok(announced?.kind === 'announced' && activation?.kind === 'activation')
  assert.deepEqual(activation.envelope, announced.envelope)
})

test('what loosens is not made known for a time before its cooling-off period ends, and may be signed anew', async () => {
  const stage = await startControlStage()
  const before = stage.leaves().length
  for (const effective of [begun - 1, begun, cooledOff - 1]) {
    const { status, code, message } = await hand(stage, await bodyOf(looser, effective))
    assert.deepEqual([status, code], [409, 'ENVELOPE_COOLING_OFF'])
    assert.match(message, /30 days after/)
  }
  assert.equal(stage.leaves().length, before)
  for (const effective of [cooledOff, cooledOff + dayMs]) {
    assert.equal((await hand(stage, await bodyOf(looser, effective))).taken.outcome, 'announced')
  }
  stage.clock.time = cooledOff
  const early = await hand(stage, await bodyOf(looser, begun))
  assert.equal(early.code, 'ENVELOPE_COOLING_OFF', 'what was made known is for another time')
})

test('while a stop order stands, nothing loosens, and what tightens comes into force', async () => {
  const stage = await startControlStage()
  const known = await bodyOf(looser, cooledOff)
  assert.equal((await hand(stage, known)).taken.outcome, 'announced')
  await stage.ask({ method: 'POST', path: '/v1/orders', body: await orderBody({}, ['provider']) })
  stage.clock.time = cooledOff
  for (const body of [known, await bodyOf(looser, cooledOff + 40 * dayMs)]) {
    const { status, code, message } = await hand(stage, body)
    assert.deepEqual([status, code], [409, 'CONTROL_AGREEMENT'])
    assert.match(message, /while order_1 stands, nothing loosens/)
  }
  assert.equal((await hand(stage, await bodyOf(tighter))).taken.outcome, 'in-force')
  const { body } = await stage.ask({ method: 'GET', path: '/v1/standing' })
  const [inForce] = body['agreements'] as { version: number; stops: string[] }[]
  assert.deepEqual([inForce?.version, inForce?.stops], [2, ['order_1']])
  assert.deepEqual(body['announced'], [], 'what amended the version before is over')
})

test('a version is compared with the one that was signed, not with the reading that acts while a clause is disputed', async () => {
  const stage = await startControlStage()
  const dispute: Dispute = {
    ...{ v: 1, id: 'dispute_1', agreement: 'sample', text: sampleAgreement.hash, clause: '4.2', reading: '' },
    ...{ reason: digestOf('reason'), issued: '2026-03-02T09:00:00.000Z' },
  }
  const envelope = await signDispute(dispute, [reviewerSigner(demoKeyName('sample', 'provider'))])
  await stage.recorder.note({
    ...{ kind: 'dispute', id: dispute.id, agreement: 1, clause: dispute.clause },
    envelope: structuredClone(envelope) as unknown as Json,
  })
  const { taken, message } = await hand(stage, await bodyOf(tighter))
  assert.deepEqual([taken.outcome, taken.verdict], ['in-force', 'stronger'], message)
  assert.equal((await hand(stage, await bodyOf(tighter))).taken.outcome, 'already-in-force')
})

test('a dispute that comes while a version is judged keeps it out, for the gate might not stand on both', async () => {
  const lost = amended(sampleAgreement, [', policing: { clause: "2" }', ''])
  const dispute: Dispute = {
    ...{ v: 1, id: 'dispute_1', agreement: 'sample', text: sampleAgreement.hash, clause: '4.2' },
    reading:
      'forbid (principal, action, resource) when { context.purpose == Purpose::"policing" && context.consumer == Consumer::"seat" };',
    ...{ reason: digestOf('reason'), issued: '2026-03-02T09:00:00.000Z' },
  }
  const envelope = await signDispute(dispute, [reviewerSigner(demoKeyName('sample', 'provider'))])
  const open = () =>
    stage.recorder.note({
      ...{ kind: 'dispute', id: dispute.id, agreement: 1, clause: dispute.clause },
      envelope: structuredClone(envelope) as unknown as Json,
    })
  // Asked by the last step before anything is written.
  const accept = (): void => void open()
  const stage = await startControlStage({ activation: { ...sampleActivation, accept } })
  const { status, code } = await hand(stage, await bodyOf(lost))
  assert.deepEqual([status, code], [409, 'RECORDER_SUPERSEDED'])
  assert.equal(await versionOf(stage), 1)
  const again = await hand(stage, await bodyOf(lost))
  assert.deepEqual([again.status, again.code], [409, 'CONTROL_AGREEMENT'])
})

test('a stop that comes while a loosening is judged keeps it out', async () => {
  const order = (await orderBody({}, ['provider'])) as { readonly envelope: Json }
  const accept = (): void => {
    if (stage.clock.time < cooledOff) return
    void stage.recorder.note({
      ...{ kind: 'order', order: 'stop', id: 'order_1', agreement: 1, lifts: [] },
      envelope: order.envelope,
    })
  }
  const stage = await startControlStage({ activation: { ...sampleActivation, accept } })
  const known = await bodyOf(looser, cooledOff)
  assert.equal((await hand(stage, known)).taken.outcome, 'announced')
  stage.clock.time = cooledOff
  assert.equal((await hand(stage, known)).code, 'RECORDER_SUPERSEDED')
  assert.equal(await versionOf(stage), 1)
})

test('a clock that is set back while a version is judged brings no entry from before the time that was signed', async () => {
  const accept = (): void => void (stage.clock.time = begun + 1)
  const stage = await startControlStage({ activation: { ...sampleActivation, accept } })
  const body = await bodyOf(tighter, begun + minuteMs)
  stage.clock.time = begun + minuteMs
  const { status, code } = await hand(stage, body)
  assert.deepEqual([status, code], [409, 'RECORDER_CONFLICT'])
  assert.equal(await versionOf(stage), 1)
})

test('a version that amends what is no longer in force can never act, though it was made known', async () => {
  const stage = await startControlStage()
  const known = await bodyOf(looser, cooledOff)
  await hand(stage, known)
  await hand(stage, await bodyOf(tighter))
  stage.clock.time = cooledOff
  assert.equal((await hand(stage, known)).code, 'SUCCESSOR_VERSION')
})

const skipped = amended(tighter, ['committed > 4000000', 'committed > 3000000'])
const otherSecond = amended(sampleAgreement, ['committed > 5000000', 'committed > 2000000'])
const orphan = amended(otherSecond)
const conditional = amended(sampleAgreement, [
  '## 6 Exclusions\n',
  '## 6 Exclusions\n\nWhere the law requires human control, a person decides.\n',
])
const stranger = requireAgreement(
  sampleText({ id: 'stranger', lines: { routes: '{}' } }).replace('routes: {}\n', ''),
)

test('what is wrong in anything is refused, with its own code, and nothing is written', async () => {
  const stage = await startControlStage()
  const good = await bodyOf(tighter)
  const refused: readonly (readonly [what: string, body: Json, status: number, code: string])[] = [
    ['no object', [], 400, 'CONTROL_REQUEST'],
    ['a member too many', { ...good, more: 1 }, 400, 'CONTROL_REQUEST'],
    ['a text that is none', { ...good, text: 1 }, 400, 'CONTROL_REQUEST'],
    ['a text that does not compile', { ...good, text: 'nothing' }, 409, 'AGREEMENT_UNSIGNABLE'],
    ['a text in which lint finds an error', await bodyOf(conditional), 409, 'AGREEMENT_UNSIGNABLE'],
    ['no envelope', { ...good, envelope: null }, 400, 'ENVELOPE_MALFORMED'],
    ['a signature of nobody', await bodyOf(tighter, begun, []), 409, 'ENVELOPE_SIGNATURES'],
    ['a signature of one party', await bodyOf(tighter, begun, ['agency']), 409, 'ENVELOPE_SIGNATURES'],
    ['one key twice', await bodyOf(tighter, begun, ['agency', 'agency']), 409, 'ENVELOPE_SIGNATURES'],
    ['an old signature over a new text', { ...good, text: looser.text }, 409, 'ENVELOPE_STATEMENT'],
    [
      'the signatures of another agreement',
      { ...good, envelope: (await bodyOf(stranger)).envelope },
      409,
      'ENVELOPE_STATEMENT',
    ],
    ['a version that is skipped', await bodyOf(skipped), 409, 'SUCCESSOR_VERSION'],
    ['another agreement at version 2', await bodyOf(amended(stranger)), 409, 'ENVELOPE_PREVIOUS'],
  ]
  const before = stage.leaves().length
  for (const [what, body, status, code] of refused) {
    const answer = await hand(stage, body)
    assert.deepEqual([answer.status, answer.code], [status, code], what)
  }
  assert.equal(stage.leaves().length, before)
  await hand(stage, good)
  const written = stage.leaves().length
  for (const [body, code] of [
    [await bodyOf(sampleAgreement), 'SUCCESSOR_VERSION'],
    [await bodyOf(otherSecond), 'SUCCESSOR_VERSION'],
    [await bodyOf(orphan), 'SUCCESSOR_PREVIOUS'],
  ] as const) {
    assert.equal((await hand(stage, body)).code, code, 'rolled back')
  }
  assert.equal(stage.leaves().length, written)
  assert.deepEqual(stage.faults, [])
})

test('another agreement comes into force beside the first where their routes are apart', async () => {
  const stage = await startControlStage()
  const twin = requireAgreement(sampleText({ id: 'twin', ...twinKeys }))
  const meets = await hand(stage, await bodyOf(twin))
  assert.deepEqual([meets.status, meets.code], [409, 'CONTROL_AGREEMENT'])
  assert.match(meets.message, /route `general` is claimed by/)
  const apart = requireAgreement(twin.text.replace('  general: { model', '  special: { model'))
  assert.equal((await hand(stage, await bodyOf(apart))).taken.outcome, 'in-force')
  const { body } = await stage.ask({ method: 'GET', path: '/v1/standing' })
  assert.deepEqual(
    (body['agreements'] as { id: string }[]).map(({ id }) => id),
    ['sample', 'twin'],
  )
})

const publicKey = (name: string): string => Buffer.from(reviewerSigner(name).publicKey).toString('base64')
const twinKeys = {
  agencyKeys: [publicKey(demoKeyName('twin', 'agency'))],
  providerKeys: [publicKey(demoKeyName('twin', 'provider'))],
}

test('a version on which the workers could not stand is not written', async () => {
  const accept = (): never => {
    throw new StandingError('STANDING_INVALID', 'no detector finds `new-signal`')
  }
  const stage = await startControlStage({ activation: { ...sampleActivation, accept } })
  const { status, code, message } = await hand(stage, await bodyOf(tighter))
  assert.deepEqual([status, code], [409, 'CONTROL_AGREEMENT'])
  assert.match(message, /could not stand on it: no detector finds/)
  assert.ok(!kinds(stage).slice(2).includes('activation'))
})
