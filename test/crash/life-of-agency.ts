/** Everything that changes rows of an agency's log, in one order; what may happen once only is tried in every run. */
import type { NewHold, Recorded, Recorder } from '../../src/recorder/index.ts'
import { admission, decision, newHold, refusal, settlement } from '../../src/recorder/sample-asks.ts'
import {
  activate,
  amendTo,
  attempt,
  inForce,
  isStopped,
  openDispute,
  requireRefused,
  resume,
  sealedMicros,
  since,
  stop,
} from './life.ts'
import type { Life } from './life.ts'

/** Holds that are used once in the end, however often the life was broken off, and those that never are. */
export const agencyHolds = {
  used: ['held-request', 'held-answer'],
  unused: ['denied', 'expired', 'ended-by-stop', 'ended-by-dispute', 'ended-by-amendment'],
} as const

type HoldId = (typeof agencyHolds)[keyof typeof agencyHolds][number]

const worstMicros = 100

export async function liveAsAgency(life: Life): Promise<void> {
  await activate(life, 1)
  await liftStop(life)
  const { run, recorder } = life
  const reviewer = {
    key: 'AA==',
    person: 'p1',
    agreement: 'department',
    levels: ['two-person'],
    roles: [],
    callers: [],
  }
  await attempt('reviewers', recorder.note({ kind: 'reviewers', reviewers: [reviewer] }))
  life.publish()
  const steps = [
    exchangeAtOnce,
    holdRequest,
    holdAnswer,
    holdInVain,
    loseWorker,
    stopAll,
    disputeClause,
    amend,
  ]
  for (const step of steps) {
    await step(life)
    life.publish()
  }
  const period = { supplier: 'cumulus', from: since, to: since + 1 }
  await attempt('certificate', recorder.note({ kind: 'certificate', certificate: 'exclusion', ...period }))
  // Left open: the next start owes them an outcome.
  await Promise.all([admit(life, `left-1-${run}`), admit(life, `left-2-${run}`)])
}

async function liftStop(life: Life): Promise<void> {
  if (!(await isStopped(life))) return
  const asked = admit(life, `stopped-${life.run}`)
  await requireRefused('intent under a stop of an earlier run', asked, 'RECORDER_SUPERSEDED')
  await resume(life, await inForce(life))
}

interface Redemption {
  readonly redeems?: HoldId
  readonly stage?: 'request' | 'answer'
  readonly recorder?: Recorder
}

/** Rejects as the recorder does; the reservation is given back then. */
async function admit(life: Life, name: string, step: Redemption = {}): Promise<Recorded> {
  const { recorder = life.recorder, ...rest } = step
  // An answer that was held calls no model, so it costs nothing.
  const micros = step.stage === 'answer' ? 0 : worstMicros
  const { id: reservation } = await recorder.reserve('department', micros)
  const { activations } = await life.recorder.standing()
  const inForce = { agreement: activations.at(-1)?.seq ?? -1, version: activations.length }
  const sealed = sealedMicros(micros)
  return await recorder.admit(admission({ exchange: name, ...inForce, reservation, sealed, ...rest }))
}

async function settle(life: Life, name: string, micros: number): Promise<void> {
  const agreement = await inForce(life)
  const settled = settlement({ exchange: name, agreement, micros, sealed: sealedMicros(micros) })
  await attempt('outcome', life.recorder.settle(settled), { exchange: name })
}

async function exchange(life: Life, name: string, micros: number): Promise<void> {
  const id = `${name}-${life.run}`
  await attempt('intent', admit(life, id), { exchange: id })
  await settle(life, id, micros)
}

async function exchangeAtOnce(life: Life): Promise<void> {
  await Promise.all([exchange(life, 'first', 40), exchange(life, 'second', 70), deny(life)])
}

async function deny(life: Life): Promise<void> {
  const { recorder, run } = life
  const { id: reservation } = await recorder.reserve('department', worstMicros)
  const denied = refusal({ exchange: `denied-${run}`, agreement: await inForce(life), reservation })
  await attempt('refusal', recorder.refuse(denied), { exchange: `denied-${run}` })
}

function longHold(id: HoldId): NewHold {
  return newHold({ id, expiresAt: since + 86_400_000 })
}

/** Opened by a refusal in the first run that comes here; in later ones it has been opened before. */
async function openHold(life: Life, opened: NewHold): Promise<void> {
  const name = `${opened.id}-${life.run}`
  const held = refusal({ exchange: name, agreement: await inForce(life), hold: opened })
  await attempt('hold', life.recorder.refuse(held), { exchange: name, codes: ['RECORDER_HOLD'] })
}

async function decide(life: Life, id: HoldId, verdict: 'approve' | 'deny' = 'approve'): Promise<void> {
  const open = (await life.recorder.holds()).find((one) => one.id === id)
  const name = open?.exchange ?? 'over'
  const decided = decision({ exchange: name, redeems: id, verdict })
  await attempt(verdict, life.recorder.decideHold(decided), { exchange: name, codes: ['RECORDER_HOLD'] })
}

/** Twice at once, and once more afterwards: whatever happened in earlier runs, it is used once in all. */
async function redeem(life: Life, id: HoldId, stage: 'request' | 'answer'): Promise<void> {
  const names = ['a', 'b'].map((letter) => `use-${id}-${letter}-${life.run}`)
  const asked = names.map(async (name) => {
    const admitted = admit(life, name, { redeems: id, stage })
    const used = await attempt(`use of ${id}`, admitted, { exchange: name, codes: ['RECORDER_HOLD'] })
    return used ? [name] : []
  })
  const used = (await Promise.all(asked)).flat()
  for (const name of used) await settle(life, name, stage === 'answer' ? 0 : 60)
  await requireUnusable(life, id, stage)
}

async function requireUnusable(
  life: Life,
  id: HoldId,
  stage: 'request' | 'answer' = 'request',
): Promise<void> {
  const admitted = admit(life, `again-${id}-${life.run}`, { redeems: id, stage })
  await requireRefused(`use of ${id} again`, admitted, 'RECORDER_HOLD')
}

async function holdRequest(life: Life): Promise<void> {
  const id = 'held-request'
  await openHold(life, longHold(id))
  // A repeat of the call names the hold that is open for it.
  const { leaf, sealed, judgedUnder } = refusal({
    exchange: `repeat-${life.run}`,
    agreement: await inForce(life),
    hold: longHold(id),
  })
  const codes = ['RECORDER_HOLD'] as const
  await attempt('repeat', life.recorder.refuse({ leaf, sealed, judgedUnder }), {
    exchange: `repeat-${life.run}`,
    codes,
  })
  await decide(life, id)
  await decide(life, id)
  await redeem(life, id, 'request')
}

/** The answer of a model that was called and paid for waits for people; giving it out calls no model again. */
async function holdAnswer(life: Life): Promise<void> {
  const id = 'held-answer'
  const name = `answered-${life.run}`
  await attempt('intent', admit(life, name), { exchange: name })
  const [agreement, sealed] = [await inForce(life), sealedMicros(80)]
  const { leaf, ...rest } = settlement({ exchange: name, agreement, micros: 80, sealed, hold: longHold(id) })
  const held = life.recorder.settle({ ...rest, leaf: { ...leaf, stage: 'answer' } })
  const opened = await attempt('held outcome', held, { exchange: name, codes: ['RECORDER_HOLD'] })
  if (!opened) await settle(life, name, 80)
  await decide(life, id)
  await redeem(life, id, 'answer')
}

async function holdInVain(life: Life): Promise<void> {
  await openHold(life, longHold('denied'))
  await decide(life, 'denied')
  await decide(life, 'denied', 'deny')
  await requireUnusable(life, 'denied')
  const soon = 5_000
  await openHold(life, newHold({ id: 'expired', expiresAt: life.now() + soon }))
  await decide(life, 'expired')
  life.pass(2 * soon)
  await requireUnusable(life, 'expired')
}

/** Its intent is settled as interrupted while the recorder runs on; and what could not be written leaves a gap. */
async function loseWorker(life: Life): Promise<void> {
  const lost = life.connect()
  const name = `lost-${life.run}`
  await attempt('intent', admit(life, name, { recorder: lost.recorder }), { exchange: name })
  await lost.leave()
  const unpaid = admission({ exchange: `unpaid-${life.run}`, agreement: await inForce(life), reservation: 0 })
  await requireRefused('intent without money', life.recorder.admit(unpaid), 'RECORDER_CONFLICT')
  await deny(life)
}

async function stopAll(life: Life): Promise<void> {
  const { recorder, run } = life
  const [id, running] = ['ended-by-stop', `running-${run}`] as const
  await openHold(life, longHold(id))
  await decide(life, id)
  await attempt('intent', admit(life, running), { exchange: running })
  const agreement = await inForce(life)
  await stop(life, agreement)
  if (await isStopped(life)) {
    await requireRefused('intent under a stop', admit(life, `stopped-2-${run}`), 'RECORDER_SUPERSEDED')
    const denied = refusal({ exchange: `refused-${run}`, agreement })
    await attempt('refusal', recorder.refuse(denied), { exchange: `refused-${run}` })
  }
  // What ran when the order came is ended, and its end is written.
  await settle(life, running, 10)
  await resume(life, agreement)
  await requireUnusable(life, id)
}

async function disputeClause(life: Life): Promise<void> {
  const { recorder, run } = life
  const [id, running] = ['ended-by-dispute', `disputed-${run}`] as const
  await openHold(life, longHold(id))
  await decide(life, id)
  await attempt('intent', admit(life, running), { exchange: running })
  await openDispute(life)
  const late = refusal({ exchange: `late-${run}`, agreement: await inForce(life), judgedUnder: 0 })
  await requireRefused('a step that was judged before', recorder.refuse(late), 'RECORDER_SUPERSEDED')
  await settle(life, running, 10)
  await requireUnusable(life, id)
}

async function amend(life: Life): Promise<void> {
  const id = 'ended-by-amendment'
  await openHold(life, longHold(id))
  await decide(life, id)
  await amendTo(life, 2)
  await requireUnusable(life, id)
  await exchange(life, 'amended', 30)
}
