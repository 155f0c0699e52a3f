/** A start signs nothing that does not follow from what was signed before, whatever was added to the rows meanwhile. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ServandaError } from '../base/index.ts'
import { entryOf, formatLeaf, parseLeaf } from '../ledger/index.ts'
import type { Leaf } from '../ledger/index.ts'
import { MemoryRows, MemoryStore } from './memory-store.ts'
import { openRecorder } from './open-recorder.ts'
import type { ReadSigned, RequireSigned } from './require-signed.ts'
import {
  HeldClock,
  announcement,
  ask,
  decision,
  dispute,
  holdRow,
  order,
  origin,
  signer,
} from './sample-asks.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const { time } = new HeldClock()
const expiresAt = time + 60_000

class Scene implements AsyncDisposable {
  readonly rows = new MemoryRows()
  readonly #directory: Awaited<ReturnType<typeof temporaryDirectory>>

  constructor(directory: Awaited<ReturnType<typeof temporaryDirectory>>) {
    this.#directory = directory
  }

  start(requireSigned: RequireSigned = () => undefined) {
    const [directory, guardDirectory] = [this.#path('evidence'), this.#path('guard')]
    const store = new MemoryStore(this.rows)
    const common = { clock: new HeldClock(), signer, origin, directory, guardDirectory }
    return openRecorder({ store, ...common, requireSigned })
  }

  #path(name: string): string {
    return join(this.#directory.path, name)
  }

  /** What is in the world and in the rows: a start that refuses leaves all of it. */
  async everything(): Promise<unknown> {
    const files = ['evidence/checkpoint', 'guard/last-signed'].map((name) => readFile(this.#path(name)))
    return structuredClone([this.rows, await Promise.all(files)])
  }

  leaf(seq: number): Leaf {
    return parseLeaf(this.rows.entries[seq]!.leaf)
  }

  /** Adds an entry behind the last, as whoever can write to the file would. */
  append(leaf: object): void {
    const seq = this.rows.entries.length
    const whole = { v: 1, time, ...leaf, seq } as Leaf
    this.rows.entries.push({ seq, time: whole.time, leaf: formatLeaf(whole) })
  }

  /** Adds an entry once more, changed. */
  again(seq: number, change: object = {}): void {
    this.append({ ...this.leaf(seq), ...change })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]()
  }
}

/** Entries by what they are; all of them signed. */
const at = { usedHold: 2, approval: 3, use: 4, deniedHold: 6, denial: 7, openHold: 8, stop: 11, resume: 13 }

async function signedScene(): Promise<Scene> {
  const scene = new Scene(await temporaryDirectory())
  const { sequencer, publisher } = await scene.start()
  const hold = (id: string) => ask.refuse({ exchange: `ex_${id}`, hold: { id, expiresAt } })
  const stopped = ask.refuse({ exchange: 'ex_h', agreement: 10, hold: { id: 'h', expiresAt } })
  const steps = [
    ask.activate(),
    hold('used'),
    ask.decide({ exchange: 'ex_used', redeems: 'used' }),
    ask.admit({
      exchange: 'ex_use',
      reservation: sequencer.reserve('department', 9, 1).id,
      redeems: 'used',
    }),
    ask.settle({ exchange: 'ex_use', micros: 5 }),
    hold('denied'),
    ask.decide({ exchange: 'ex_denied', redeems: 'denied', verdict: 'deny' }),
    hold('open'),
    ask.decide({ exchange: 'ex_open', redeems: 'open' }),
    ask.activate('hospital'),
    ask.order('stop_1', { agreement: 10 }),
    ask.refuse({ exchange: 'ex_refused', agreement: 10 }),
    ask.order('resume_1', { agreement: 10, lifts: ['stop_1'] }),
    stopped,
  ]
  for (const step of steps) await sequencer.record(step, 1)
  await publisher.publish(sequencer.head())
  return scene
}

type Forge = (scene: Scene) => void
const reopened: Forge = ({ rows }) => {
  const seq = rows.entries.length - 2
  rows.holds.set('used', holdRow({ id: 'used', expiresAt }, { exchange: 'ex_used', seq }))
}

const forgeries: Readonly<Record<string, readonly [Forge, RegExp]>> = {
  'a hold that was used and is opened again with its approval': [
    (scene) => {
      scene.again(at.usedHold)
      scene.again(at.approval)
      reopened(scene)
    },
    /entry 15: the hold `used` was opened before \(LEDGER_HOLD\)/,
  ],
  'a hold that was denied and is opened again': [
    (scene) => scene.again(at.deniedHold),
    /`denied` was opened before/,
  ],
  'an approval of a hold that was used': [(scene) => scene.again(at.approval), /`used` is not open/],
  'an approval of a hold that was denied': [
    (scene) => scene.again(at.denial, { verdict: 'approve' }),
    /`denied` is not open/,
  ],
  'a second use of a hold': [
    (scene) => scene.again(at.use, { exchange: 'ex_again' }),
    /entry 15: the hold `used` is not open/,
  ],
  'a second intent of an exchange': [
    (scene) => scene.again(at.use, { hold: undefined }),
    /`ex_use` has an intent already \(LEDGER_EXCHANGE\)/,
  ],
  'a second outcome': [
    (scene) => scene.again(at.use + 1),
    /entry 4 is no intent, or has an outcome already \(LEDGER_OUTCOME\)/,
  ],
  'an outcome that is held and completed': [
    (scene) => {
      scene.again(at.use, { exchange: 'ex_n', hold: undefined })
      scene.again(at.use + 1, { exchange: 'ex_n', intent: 15, decision: 'hold', status: 'completed' })
    },
    /entry 16: what was denied or held was completed/,
  ],
  'an intent under a stop': [
    (scene) => {
      scene.append(order('stop_2'))
      scene.again(at.use, { exchange: 'ex_n', hold: undefined })
    },
    /entry 16: the stop order of entry 15 was in force/,
  ],
  'an order that was carried out': [(scene) => scene.again(at.stop), /`stop_1` was carried out before/],
  'a resume of a stop that was lifted': [
    (scene) => scene.again(at.resume, { id: 'resume_2' }),
    /it lifts `stop_1`, which is no stop order in force/,
  ],
  'a version that skips one': [
    (scene) => scene.again(1, { version: 3, supersedes: 1 }),
    /version 3 does not follow version 1 \(LEDGER_ACTIVATION\)/,
  ],
  'an amendment to a version that is none': [
    (scene) => scene.append(announcement(2, 0)),
    /entry 15: it makes an amendment known to no agreement as it was in force/,
  ],
  'a version that was never made known': [
    (scene) => scene.again(1, { version: 2, supersedes: 1, announced: 10 }),
    /entry 10 did not make this very version known \(LEDGER_ACTIVATION\)/,
  ],
  'a version with other signatures than were made known': [
    (scene) => {
      scene.append(announcement())
      scene.again(1, { version: 2, supersedes: 1, announced: 15, envelope: 'another' })
    },
    /entry 15 did not make this very version known/,
  ],
  'a dispute that is opened twice': [
    (scene) => {
      scene.append(dispute('dispute_1', 10))
      scene.append(dispute('dispute_1', 10))
    },
    /entry 16: the dispute `dispute_1` was opened before \(LEDGER_DISPUTE\)/,
  ],
  'a dispute that leaves a hold of its agreement open': [
    (scene) => scene.append(dispute('dispute_1')),
    /a row says that ex_open waits for the hold open, which the entries do not/,
  ],
  'a time that falls': [(scene) => scene.again(at.openHold, { time: time - 1 }), /LEDGER_TIME/],
  'an entry that a provider’s gate writes': [
    (scene) => scene.append({ kind: 'turned-away', reason: 'missing', count: 1, intents: [] }),
    /LEDGER_ROLE/,
  ],
  'a log that is opened again': [(scene) => scene.again(0), /it opens the log again/],
  'a stop that leaves a hold of its agreement open': [
    (scene) => scene.append(order('stop_2')),
    /a row says that ex_open waits for the hold open, which the entries do not/,
  ],
  'an entry in the place of another': [
    ({ rows }) => rows.entries.push({ ...rows.entries.at(-1)!, seq: rows.entries.length }),
    /entry 15: it says that it is entry 14/,
  ],
}

for (const [name, [forge, message]] of Object.entries(forgeries)) {
  test(`a start refuses ${name}, and signs and writes nothing`, async () => {
    await using scene = await signedScene()
    forge(scene)
    const before = await scene.everything()
    await assert.rejects(scene.start(), { code: 'RECORDER_DAMAGED', message })
    assert.deepEqual(await scene.everything(), before)
  })
}

const asksPeople: Readonly<Record<string, Forge>> = {
  'an order': (scene) => {
    scene.append(order('stop_2', { agreement: 10 }))
    scene.append({ kind: 'hold-expired', exchange: 'ex_h', hold: 'h' })
    scene.rows.holds.delete('h')
  },
  'an amendment made known': (scene) => scene.append(announcement()),
  'a dispute': (scene) => {
    scene.append(dispute('dispute_1', 10))
    scene.append({ kind: 'hold-expired', exchange: 'ex_h', hold: 'h' })
    scene.rows.holds.delete('h')
  },
  'a decision': (scene) => scene.append(decision({ exchange: 'ex_open', redeems: 'open' }).leaf),
  'a hold that was used': (scene) => {
    scene.again(at.use, { exchange: 'ex_n', hold: 'open' })
    const row = { exchange: 'ex_n', seq: 15, agreement: 'department', reservedMicros: 1 }
    scene.rows.intents.set('ex_n', row)
    scene.rows.holds.delete('open')
  },
}

for (const [name, add] of Object.entries(asksPeople)) {
  test(`a start asks whether people signed for ${name} that no checkpoint covers, before it writes`, async () => {
    await using scene = await signedScene()
    add(scene)
    const before = await scene.everything()
    const asked: ReadSigned[] = []
    const refuse: RequireSigned = (read) => {
      asked.push(read)
      return Promise.reject(new ServandaError('ANY', 'entry 15: nobody signed'))
    }
    await assert.rejects(scene.start(refuse), {
      code: 'RECORDER_DAMAGED',
      message: 'entry 15: nobody signed',
    })
    assert.deepEqual(await scene.everything(), before)
    // Activations always, for the rest is judged by them; of all else what is new.
    assert.deepEqual(asked[0]?.signed.map(entryOf), [1, 10, 15])
    assert.deepEqual(
      asked[0].activations.map(({ seq }) => seq),
      [1, 10],
    )
    await scene.start()
  })
}

test('a start does not ask again about what a checkpoint covers', async () => {
  await using scene = await signedScene()
  await scene.start(() => assert.fail('it was asked about before that one was signed'))
})

test('a fault of whoever is asked is none of the log', async () => {
  await using scene = await signedScene()
  scene.append(decision({ exchange: 'ex_open', redeems: 'open' }).leaf)
  await assert.rejects(
    scene.start(() => Promise.reject(new RangeError('ours'))),
    { name: 'RangeError' },
  )
})
