/** Claims about host and client over a real message channel: every ask is answered once, whatever ends first. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { parseReceipt, readCheckpoint, verifyLedger } from '../ledger/index.ts'
import type { AnswerMessage, AskMessage, Channel } from './ask.ts'
import { portChannel } from './channels.ts'
import { MemoryRows, MemoryStore } from './memory-store.ts'
import { openRecorder } from './open-recorder.ts'
import { RecorderClient } from './recorder-client.ts'
import { RecorderHost } from './recorder-host.ts'
import {
  HeldClock,
  activation,
  admission,
  decision,
  order,
  origin,
  refusal,
  settlement,
  signer,
  vkey,
} from './sample-asks.ts'
import { temporaryDirectory } from './temporary-directory.ts'

interface Served extends AsyncDisposable {
  readonly store: MemoryStore
  readonly host: RecorderHost
  readonly client: RecorderClient
  readonly evidence: string
  readonly fatal: unknown[]
  connect(): { readonly client: RecorderClient; readonly port: MessagePort }
}

/** With `department` in force. The timer never fires unless `checkpointMs` says so. */
async function serve({ checkpointMs = 1_000_000, checkpointEntries = 256 } = {}): Promise<Served> {
  const directory = await temporaryDirectory()
  const evidence = join(directory.path, 'evidence')
  const store = new MemoryStore(new MemoryRows())
  const opened = await openRecorder({
    store,
    clock: new HeldClock(),
    signer,
    origin,
    directory: evidence,
    guardDirectory: join(directory.path, 'guard'),
  })
  const fatal: unknown[] = []
  const host = new RecorderHost({
    ...opened,
    checkpointMs,
    checkpointEntries,
    fatal: (error) => fatal.push(error),
  })
  const ports: MessagePort[] = []
  const connect = () => {
    const { port1, port2 } = new MessageChannel()
    host.connect(portChannel(port2))
    ports.push(port1)
    return { client: new RecorderClient(portChannel(port1)), port: port1 }
  }
  const { client } = connect()
  await client.activate(activation())
  const end = async () => {
    for (const port of ports) port.close()
    // Some of these tests break the host on purpose, and say so themselves.
    await host[Symbol.asyncDispose]().catch(() => undefined)
    await directory[Symbol.asyncDispose]()
  }
  return { store, host, client, evidence, fatal, connect, [Symbol.asyncDispose]: end }
}

/** Waits until `holds`, turn by turn of the event loop. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    assert.ok(turn < 1_000_000, 'it never came true')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function exchange(client: RecorderClient, id: string, micros = 10) {
  const { id: reservation } = await client.reserve('department', micros)
  const intent = await client.admit(admission({ exchange: id, reservation }))
  const outcome = await client.settle(settlement({ exchange: id, micros: micros / 2 }))
  return [intent, outcome] as const
}

const unavailable = { name: 'RecorderError', code: 'RECORDER_UNAVAILABLE' }

test('many exchanges of many workers at once are each answered with their own entry', async () => {
  await using served = await serve()
  const clients = [served.client, served.connect().client, served.connect().client]
  const ids = Array.from({ length: 150 }, (_, i) => `ex_${i}`)
  const done = await Promise.all(ids.map((id, i) => exchange(clients[i % 3]!, id)))
  for (const [i, [intent, outcome]] of done.entries()) {
    assert.ok(outcome.seq > intent.seq)
    assert.match(Buffer.from(served.store.rows.entries[intent.seq]!.leaf).toString(), RegExp(`"ex_${i}"`))
    assert.equal(parseReceipt(outcome.receipt).index, outcome.seq)
  }
  assert.equal(new Set(done.flat().map(({ seq }) => seq)).size, 300)
  assert.equal((await served.client.reserve('department', 0)).committedMicros, 750)
  await served.host[Symbol.asyncDispose]()
  const summary = await verifyLedger({ directory: served.evidence, verifiers: [vkey] })
  assert.equal(summary.entries.outcome, 150)
})

test('errors arrive with their code', async () => {
  await using served = await serve()
  const { client, store } = served
  await assert.rejects(client.reserve('department', -1), { name: 'RecorderError', code: 'RECORDER_CONFLICT' })
  await assert.rejects(client.settle(settlement({ exchange: 'ex_9', micros: 1 })), {
    code: 'RECORDER_CONFLICT',
  })
  store.script.push('STORE_UNAVAILABLE')
  await assert.rejects(client.refuse(refusal({ exchange: 'ex_1' })), unavailable)
  assert.deepEqual(served.fatal, [])
})

test('release needs no answer, and gives the money back', async () => {
  await using served = await serve()
  const { id } = await served.client.reserve('department', 100)
  served.client.release(id)
  assert.equal((await served.client.reserve('department', 1)).committedMicros, 1)
})

test('lease and standing tell what is in force', async () => {
  await using served = await serve()
  assert.equal((await served.client.lease()).version, 1)
  const { seq } = await served.client.activate(activation('department', 2))
  assert.equal((await served.client.lease()).version, seq)
  const standing = await served.client.standing()
  assert.equal(standing.origin, origin)
  assert.equal(standing.activations.length, 2)
})

test('a change of what is in force is told to every worker before anyone is answered', async () => {
  await using served = await serve()
  const told: string[] = []
  const { port1, port2 } = new MessageChannel()
  served.host.connect(portChannel(port2))
  const watching = new RecorderClient(portChannel(port1), {
    onChanged: (version) => told.push(`changed ${version}`),
  })
  await watching.lease()
  const stopped = await watching.note(order('stop_1'))
  told.push(`answered ${stopped.seq}`)
  const { seq } = await served.client.activate(activation('hospital'))
  await watching.lease()
  assert.deepEqual(told, [`changed ${stopped.seq}`, `answered ${stopped.seq}`, `changed ${seq}`])
  port1.close()
  await served.client.note(order('resume_1', { lifts: ['stop_1'] }))
  assert.deepEqual(served.fatal, [])
})

test('holds, decisions and sealed records cross the channel', async () => {
  await using served = await serve()
  const { client } = served
  const hold = { id: 'hold_1', expiresAt: new HeldClock().time + 1_000 }
  const { seq } = await client.refuse(refusal({ exchange: 'ex_h', hold }))
  await client.decideHold(decision({ exchange: 'ex_h', redeems: 'hold_1' }))
  const { id, hold: open } = await client.reserve('department', 1, 'call of hold_1')
  assert.deepEqual(await client.holds(), [open])
  assert.equal(open?.approvals.length, 1)
  assert.equal(Buffer.from((await client.sealed(seq)) ?? []).toString(), 'sealed ex_h')
  await client.admit(admission({ exchange: 'ex_1', reservation: id, redeems: 'hold_1' }))
  assert.deepEqual(await client.holds(), [])
  const serving = { leaf: { ...order('x') }, intent: 1, intentTime: 1 } as never
  await assert.rejects(client.serve(serving), { code: 'RECORDER_CONFLICT' })
})

test('a closed port rejects all that wait, and everything asked afterwards', async () => {
  await using served = await serve()
  const { client, port } = served.connect()
  served.store.gate = new Promise<void>(() => undefined)
  const waiting = [client.refuse(refusal({ exchange: 'ex_1' })), client.lease(), client.standing()]
  port.close()
  for (const one of waiting) await assert.rejects(one, unavailable)
  await assert.rejects(client.lease(), unavailable)
  client.release(1)
  served.store.gate = null
})

test('a worker whose port closes leaves no intent open and no money reserved', async () => {
  await using served = await serve()
  const { client, port } = served.connect()
  const { id } = await client.reserve('department', 40)
  await client.reserve('department', 1_000)
  await client.admit(admission({ exchange: 'ex_1', reservation: id }))
  port.close()
  await until(() => served.store.rows.sums().has('department'))
  assert.equal(served.store.rows.intents.size, 0)
  assert.equal((await served.client.reserve('department', 0)).committedMicros, 40)
})

test('a broken store is fatal once, whoever notices it', async () => {
  await using served = await serve({ checkpointMs: 1 })
  served.store.script.push('STORE_BROKEN')
  const damaged = { code: 'RECORDER_DAMAGED' }
  const asks = [1, 2, 3].map((n) => served.client.refuse(refusal({ exchange: `ex_${n}` })))
  for (const one of asks) await assert.rejects(one, damaged)
  await assert.rejects(served.client.lease(), damaged)
  await until(() => served.fatal.length > 0)
  await assert.rejects(served.host[Symbol.asyncDispose](), damaged)
  assert.equal(served.fatal.length, 1)
})

test('a commit that breaks while nobody waits for it is fatal too', async () => {
  await using served = await serve({ checkpointMs: 1 })
  const { client, port } = served.connect()
  const { id } = await client.reserve('department', 1)
  await client.admit(admission({ exchange: 'ex_1', reservation: id }))
  served.store.script.push('STORE_BROKEN')
  port.close()
  await until(() => served.fatal.length > 0)
})

test('an ask of no form is answered and ends nothing', async () => {
  await using served = await serve()
  const nonsense = { ...refusal({ exchange: 'ex_1' }), sealed: undefined } as unknown as ReturnType<
    typeof refusal
  >
  await assert.rejects(served.client.refuse(nonsense), { code: 'RECORDER_CONFLICT' })
  await served.client.refuse(refusal({ exchange: 'ex_2' }))
  assert.deepEqual(served.fatal, [])
})

test('what cannot be sent is rejected, and the next ask goes out', async () => {
  await using served = await serve()
  const unsendable = { ...refusal({ exchange: 'ex_1' }), sealed: () => null } as unknown as ReturnType<
    typeof refusal
  >
  await assert.rejects(served.client.refuse(unsendable), unavailable)
  await served.client.lease()
})

test('a checkpoint is published after so many entries, without the timer', async () => {
  await using served = await serve({ checkpointEntries: 5 })
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => served.client.refuse(refusal({ exchange: `ex_${i}` }))),
  )
  await served.client.refuse(refusal({ exchange: 'ex_last' }))
  let size = 0
  await until(() => {
    void verifyLedger({ directory: served.evidence, verifiers: [vkey] }).then(
      (summary) => (size = summary.size),
      () => null,
    )
    return size >= 22
  })
})

test('the timer publishes what is less than that', async () => {
  await using served = await serve({ checkpointMs: 5 })
  await served.client.refuse(refusal({ exchange: 'ex_1' }))
  let size = 0
  await until(() => {
    void verifyLedger({ directory: served.evidence, verifiers: [vkey] }).then(
      (summary) => (size = summary.size),
      () => null,
    )
    return size === 3
  })
})

test('an order, a decision and the use of a hold are published at once, without the timer', async () => {
  await using served = await serve({ checkpointEntries: 1_000_000 })
  const { client } = served
  const published = async (size: number): Promise<void> => {
    let shown = 0
    await until(() => {
      void readFile(join(served.evidence, 'checkpoint'), 'utf8').then(
        (note) => (shown = readCheckpoint(note).size),
        () => null,
      )
      return shown >= size
    })
  }
  const hold = { id: 'hold_1', expiresAt: new HeldClock().time + 1_000 }
  await client.refuse(refusal({ exchange: 'ex_h', hold }))
  await published((await client.decideHold(decision({ exchange: 'ex_h', redeems: 'hold_1' }))).seq + 1)
  const { id } = await client.reserve('department', 1)
  const used = await client.admit(admission({ exchange: 'ex_1', reservation: id, redeems: 'hold_1' }))
  await published(used.seq + 1)
  // The second comes while the first is being published, and waits for nobody to ask again.
  await client.note(order('stop_1'))
  const { seq } = await client.note(order('stop_2'))
  await published(seq + 1)
})

test('closing while asks are under way answers each: written and in the checkpoint, or refused', async () => {
  await using served = await serve({ checkpointEntries: 3 })
  const asks = Array.from({ length: 60 }, (_, i) => served.client.refuse(refusal({ exchange: `ex_${i}` })))
  const results = Promise.allSettled(asks)
  await asks[0]
  const late = Promise.allSettled(
    Array.from({ length: 10 }, (_, i) => served.client.refuse(refusal({ exchange: `late_${i}` }))),
  )
  await served.host[Symbol.asyncDispose]()
  const summary = await verifyLedger({ directory: served.evidence, verifiers: [vkey] })
  for (const result of [...(await results), ...(await late)]) {
    if (result.status === 'fulfilled') assert.ok(result.value.seq < summary.size)
    else assert.equal((result.reason as { code: string }).code, 'RECORDER_UNAVAILABLE')
  }
  assert.deepEqual(served.fatal, [])
})

test('a lease is confirmed while a commit takes its time', async () => {
  await using served = await serve()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  served.store.gate = promise
  const refused = served.client.refuse(refusal({ exchange: 'ex_1' }))
  assert.equal((await served.client.lease()).version, 1)
  resolve(undefined)
  await refused
})

test('asks that come together travel in one message, and so do their answers', async () => {
  await using served = await serve()
  const posted: number[] = []
  const { port1, port2 } = new MessageChannel()
  served.host.connect(portChannel(port2))
  const inner = portChannel<AskMessage, AnswerMessage>(port1)
  const counting: Channel<AskMessage, AnswerMessage> = {
    post(messages) {
      posted.push(messages.length)
      inner.post(messages)
    },
    listen(receive, closed) {
      inner.listen((messages) => {
        posted.push(-messages.length)
        receive(messages)
      }, closed)
    },
  }
  const client = new RecorderClient(counting)
  await Promise.all([client.lease(), client.reserve('department', 1), client.standing()])
  assert.deepEqual(posted, [3, -3])
  port1.close()
})
