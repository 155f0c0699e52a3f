/** Kills the agency's gate and the provider's in turn while calls run through both: no account of them is lost. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { test } from 'node:test'
import { randomFrom } from '../../src/decision/random.ts'
import { leafHash, formatLeaf, parseReceipt } from '../../src/ledger/index.ts'
import type { Leaf } from '../../src/ledger/index.ts'
import { audit, entriesOf, run, until } from '../product/program.ts'
import { chat, post } from '../product/stage.ts'
import type { Answer } from '../product/stage.ts'
import { gates, openTwoGates, slowly } from './two-gates.ts'
import type { Gate, TwoGates } from './two-gates.ts'

const rounds = 4
const callersAtOnce = 6
const holdsPerRound = 2
/** `SEED=… node --test` with this file repeats the moments, as far as two runs are alike. */
const seed = process.env['SEED'] === undefined ? randomInt(2 ** 32) : Number(process.env['SEED'])

interface Held {
  readonly id: string
  readonly body: string
}

/** What callers were told, over all rounds. */
interface Told {
  /** Receipts of answers that arrived whole. */
  readonly receipts: string[]
  /** Answers to redemptions, by hold. */
  readonly uses: Map<string, number>
  /** Other answers: refusals, and failures while a gate was away. */
  refused: number
  /** Nobody listened, or the line broke. */
  unanswered: number
}

/** The answer, or null where the line broke or nobody listened. */
async function ask(stage: TwoGates, key: string, body: string, hold?: string): Promise<Answer | null> {
  try {
    return await post(stage, key, body, hold === undefined ? {} : { 'servanda-hold': hold })
  } catch {
    return null
  }
}

function take(told: Told, answer: Answer | null): void {
  const receipt = answer?.headers.get('servanda-receipt')
  if (answer === null) told.unanswered++
  else if (answer.status !== 200) told.refused++
  else told.receipts.push(receipt ?? '')
}

async function callUntil(stage: TwoGates, name: string, told: Told, over: AbortSignal): Promise<void> {
  for (let i = 0; !over.aborted; i++) {
    const answer = await ask(stage, stage.keys.care, chat(`Question ${i} of ${name}.`))
    take(told, answer)
    // Nobody is spoken to more often for being away.
    if (answer?.status !== 200) await wait(50)
  }
}

/** Each hold is shown again and again, whatever the answer was. */
async function redeemUntil(
  stage: TwoGates,
  held: readonly Held[],
  told: Told,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    for (const one of held) {
      await redeem(stage, one, told)
      await wait(50)
    }
  }
}

async function redeem(stage: TwoGates, { id, body }: Held, told: Told): Promise<Answer | null> {
  const answer = await ask(stage, stage.keys.admin, body, id)
  take(told, answer)
  if (answer?.status === 200) told.uses.set(id, (told.uses.get(id) ?? 0) + 1)
  return answer
}

/** Calls that wait for a person who has approved them. */
async function openHolds(stage: TwoGates, round: number): Promise<readonly Held[]> {
  const bodies = Array.from({ length: holdsPerRound }, (_, i) => chat(`Office question ${round}-${i}.`))
  return await Promise.all(
    bodies.map(async (body) => {
      const { status, text } = await post(stage, stage.keys.admin, body)
      assert.equal(status, 423, text)
      const { error } = JSON.parse(text) as { error: { servanda: { hold: { id: string } } } }
      const { id } = error.servanda.hold
      await stage.approve(id)
      return { id, body }
    }),
  )
}

async function untilAnswered(told: Told, more: number): Promise<void> {
  const enough = told.receipts.length + more
  await until(`${more} more answers`, () => told.receipts.length >= enough)
}

async function playRound(stage: TwoGates, round: number, told: Told, random: () => number): Promise<Held[]> {
  const killed: Gate = gates[round % gates.length]!
  const held = await openHolds(stage, round)
  const over = new AbortController()
  const callers = Array.from({ length: callersAtOnce }, (_, i) =>
    callUntil(stage, `caller ${round}-${i}`, told, over.signal),
  )
  callers.push(wait(random() * 300).then(() => redeemUntil(stage, held, told, over.signal)))
  callers.push(wait(random() * 300).then(() => redeemUntil(stage, held.toReversed(), told, over.signal)))
  await untilAnswered(told, 30)
  await wait(random() * 400)
  await stage.kill(killed)
  await wait(random() * 100)
  await stage.start(killed)
  await untilAnswered(told, 30)
  over.abort()
  await Promise.all(callers)
  for (const one of held) {
    const answer = await redeem(stage, one, told)
    assert.ok(answer && [200, 403].includes(answer.status), `${answer?.status}: ${answer?.text}`)
  }
  return [...held]
}

/** Every receipt that came with a whole answer is for an entry that stands where it says. */
function requireReceipts(entries: readonly Leaf[], receipts: readonly string[]): void {
  for (const text of receipts) {
    const { index, leafHash: promised } = parseReceipt(text)
    const leaf = entries[index]
    assert.ok(leaf, `entry ${index} was acknowledged and is lost`)
    assert.deepEqual(Buffer.from(leafHash(formatLeaf(leaf))), Buffer.from(promised))
  }
}

/** In the agency's log, at the model, and by what the callers were told. */
function requireUsedOnce(stage: TwoGates, held: readonly Held[], entries: readonly Leaf[], told: Told): void {
  for (const { id, body } of held) {
    const intents = entries.filter((leaf) => leaf.kind === 'intent' && leaf.hold === id)
    assert.equal(intents.length, 1, 'an approved hold is used once')
    const content = /Office question [\d-]+\./.exec(body)?.[0] ?? body
    const asked = stage.model.asked.filter((one) => one.body.includes(content))
    assert.ok(asked.length <= 1, `${content} came to the model ${asked.length} times`)
    assert.ok((told.uses.get(id) ?? 0) <= 1)
  }
}

interface Compared {
  readonly ok: boolean
  readonly matched: number
  readonly differences: readonly object[]
  readonly notServed: readonly { readonly status: string }[]
  readonly newer: readonly object[]
  readonly endsDiffer: readonly { readonly agency: string }[]
}

/** Both have ended: whenever the gate's evidence is taken from here on, it is this. */
async function reconcile({ homes }: TwoGates): Promise<Compared> {
  const [agency, gate] = [homes.agency, homes.provider].map(({ data }) => join(data, 'evidence'))
  const taken = new Date(Date.now() + 120_000).toISOString().replace(/\.\d+/, '')
  const { out, err } = await run(homes.agency, ['reconcile', agency!, gate!, '--gate-taken', taken, '--json'])
  assert.notEqual(out, '', err)
  return JSON.parse(out) as Compared
}

test('both gates, killed in turn while calls run, keep two logs that verify and explain each other', async (t) => {
  t.diagnostic(`SEED=${seed}`)
  const random = randomFrom(seed)
  await using stage = await openTwoGates()
  stage.model.play = slowly(15)
  const told: Told = { receipts: [], uses: new Map(), refused: 0, unanswered: 0 }
  take(told, await ask(stage, stage.keys.care, chat('Are both there?')))
  assert.equal(told.receipts.length, 1, 'both are there')
  const held: Held[] = []
  for (let round = 0; round < rounds; round++) held.push(...(await playRound(stage, round, told, random)))
  await stage.end()

  for (const gate of gates) {
    const { openIntents, openServed } = await audit(stage.homes[gate])
    assert.deepEqual({ openIntents, openServed }, { openIntents: [], openServed: [] })
  }
  const entries = entriesOf(stage.homes.agency)
  requireReceipts(entries, told.receipts)
  requireUsedOnce(stage, held, entries, told)
  const served = entriesOf(stage.homes.provider).filter(({ kind }) => kind === 'served').length
  assert.ok(stage.model.asked.length <= served, 'the model was asked for nothing that was not written first')

  const compared = await reconcile(stage)
  assert.deepEqual(compared.differences, [])
  assert.equal(compared.matched, served)
  assert.deepEqual(compared.newer, [])
  const unexplained = compared.notServed.filter(({ status }) => !['interrupted', 'failed'].includes(status))
  assert.deepEqual(unexplained, [], 'the agency says itself that these came to nothing')
  assert.deepEqual(compared.endsDiffer.filter(({ agency }) => agency === 'completed'), []) // prettier-ignore
  const { receipts, refused, unanswered } = told
  t.diagnostic(`${receipts.length} answered, ${refused} refused, ${unanswered} unanswered; ${served} served`)
  t.diagnostic(
    `${compared.notServed.length} did not reach the gate, ${compared.endsDiffer.length} ends differ`,
  )
})
