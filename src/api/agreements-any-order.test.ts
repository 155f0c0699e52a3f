/** Whatever is handed to a gate, in any order and at any time: what it writes passes every check of `servanda verify`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { demoKeyName, signStatement, statementOf } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { requireAgreement } from '../agreement/sample-agreement.ts'
import { isErrorCode } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { SignedCheck, openHistory } from '../ledger/index.ts'
import { AgreementCheck, storedTexts } from '../oversight/index.ts'
import { origin } from '../recorder/sample-asks.ts'
import { buildStanding } from '../standing/index.ts'
import { orderBody, reviewerSigner, startControlStage } from './sample-control.fixture.ts'
import type { ControlStage } from './sample-control.fixture.ts'

const dayMs = 86_400_000

type Step =
  | {
      readonly do: 'hand-in'
      /** The amount from which batches wait, in millions: more loosens. */
      readonly limit: number
      /** Days from now to the time that is signed. */
      readonly days: number
      readonly parties: readonly string[]
    }
  | {
      readonly do: 'hand-in-again'
      /** 0 is the last. */
      readonly which: number
    }
  | { readonly do: 'wait'; readonly days: number }
  | { readonly do: 'judge' }
  | { readonly do: 'stop' }

const both = ['agency', 'provider']
const steps: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Step>])[] = [
  [
    3,
    fc.record({
      do: fc.constant('hand-in'),
      limit: fc.integer({ min: 3, max: 7 }),
      days: fc.constantFrom(-1, 0, 1, 29, 31, 31),
      parties: fc.constantFrom(both, both, both, ['agency']),
    }),
  ],
  [3, fc.record({ do: fc.constant('hand-in-again'), which: fc.constantFrom(0, 0, 0, 1, 2) })],
  [3, fc.record({ do: fc.constant('wait'), days: fc.constantFrom(1, 10, 31, 31) })],
  [1, fc.constant({ do: 'judge' })],
  [1, fc.constant({ do: 'stop' })],
]
const step = fc.oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary })))

/** What amends the version in force. */
function next({ text, hash, schedule }: Agreement, limit: number): Agreement {
  const { version, previous } = schedule
  const amended = text
    .replace(previous === undefined ? '' : `previous: ${previous}\n`, '')
    .replace(`version: ${version}\n`, `version: ${version + 1}\nprevious: ${hash}\n`)
    .replace(/committed > \d+/, `committed > ${limit}000000`)
  return requireAgreement(amended)
}

async function inForce(stage: ControlStage): Promise<Agreement> {
  const answer = await stage.recorder.standing()
  const { agreements } = buildStanding(answer, stage.clock.now())
  return agreements.get('sample')?.signed ?? assert.fail('nothing is in force')
}

async function signed(agreement: Agreement, effective: number, parties: readonly string[]): Promise<Json> {
  const signers = parties.map((party) => reviewerSigner(demoKeyName('sample', party)))
  const envelope = await signStatement(statementOf(agreement, effective), signers)
  return { text: agreement.text, envelope: structuredClone(envelope) as unknown as Json }
}

async function take(one: Step, stage: ControlStage, handed: Json[]): Promise<void> {
  switch (one.do) {
    case 'hand-in': {
      const agreement = next(await inForce(stage), one.limit)
      const effective = stage.clock.now() + one.days * dayMs
      const body = await signed(agreement, effective, one.parties)
      handed.push(body)
      await stage.ask({ method: 'POST', path: '/v1/agreements', body })
      return
    }
    case 'hand-in-again': {
      const body = handed.at(-1 - one.which)
      if (body !== undefined) await stage.ask({ method: 'POST', path: '/v1/agreements', body })
      return
    }
    case 'wait':
      stage.clock.time += one.days * dayMs
      return
    case 'judge':
      // Once another version is in force, what names the first is refused by the recorder.
      await stage.hold().catch((error: unknown) => {
        if (!isErrorCode(error, 'RECORDER_SUPERSEDED')) throw error
      })
      return
    case 'stop': {
      const { hash: text } = await inForce(stage)
      const id = `order_${stage.leaves().length}`
      await stage.ask({
        method: 'POST',
        path: '/v1/orders',
        body: await orderBody({ text, id }, ['provider']),
      })
    }
  }
}

/** Every check of the entries and of who signed for them, as a stranger does it. */
async function audit(stage: ControlStage): Promise<readonly string[]> {
  const { activations } = await stage.recorder.standing()
  const { checks } = new AgreementCheck(storedTexts(activations), origin)
  const check = new SignedCheck(checks)
  const history = openHistory(origin)
  for (const [index, leaf] of stage.leaves().entries()) {
    const claimed = history.add(leaf, index)
    if (claimed) await check.add(claimed)
  }
  assert.equal(check.counts.activation.unchecked, 0)
  return stage.leaves().map((leaf) => leaf.kind)
}

test('whatever is handed in, in any order and at any time, the log passes the audit', async () => {
  const written = { activation: 0, announced: 0, waited: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const stage = await startControlStage()
      const handed: Json[] = []
      for (const one of steps) await take(one, stage, handed)
      const kinds = await audit(stage)
      assert.deepEqual(stage.faults, [])
      written.activation += kinds.filter((kind) => kind === 'activation').length - 1
      written.announced += kinds.filter((kind) => kind === 'announced').length
      written.waited += stage
        .leaves()
        .filter((leaf) => leaf.kind === 'activation' && leaf.announced !== undefined).length
    }),
    { numRuns: 60, seed: 4 },
  )
  for (const [what, count] of Object.entries(written)) assert.ok(count > 0, `${what}: ${count}`)
})
