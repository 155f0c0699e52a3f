/** Both gates as real programs before a model of this machine, each of which can be killed and started again. */
import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { newPrivateKey, rawPublicKey } from '../../src/base/index.ts'
import { initialise, sampleAgreement, say, startModel, writeAgreement } from '../product/model.ts'
import type { Keys, LocalModel } from '../product/model.ts'
import { makeHome, run, start } from '../product/program.ts'
import type { Home, Program } from '../product/program.ts'

export const gates = ['agency', 'provider'] as const
export type Gate = (typeof gates)[number]

export interface TwoGates extends AsyncDisposable {
  readonly homes: Readonly<Record<Gate, Home>>
  readonly model: LocalModel
  readonly keys: Keys
  /** Of the agency's gate, whichever program it is at the moment. */
  readonly url: string
  kill(gate: Gate): Promise<void>
  start(gate: Gate): Promise<void>
  /** Ends both as an operator would. */
  end(): Promise<void>
  /** Throws unless the reviewer's approval was taken. */
  approve(hold: string): Promise<void>
}

export async function openTwoGates(): Promise<TwoGates> {
  await using opened = new AsyncDisposableStack()
  const homes = { agency: opened.use(makeHome()), provider: opened.use(makeHome()) }
  const model = opened.use(await startModel())
  const keys = await initialiseBoth(homes, model.baseUrl)
  const key = enrolReviewer(homes.agency)
  // They find each other again after a new start, so their ports stay.
  const ports = { agency: await freePort(), provider: await freePort() }
  const settings = {
    agency: { SERVANDA_GATES: `http://127.0.0.1:${ports.provider}`, SERVANDA_WORKERS: '2' },
    provider: {},
  }
  const programs: Partial<Record<Gate, Program>> = {}
  opened.defer(async () => {
    for (const program of Object.values(programs)) await program.kill()
  })
  async function startGate(gate: Gate): Promise<void> {
    const command = gate === 'agency' ? 'serve' : 'gate'
    const own = { SERVANDA_PORT: String(ports[gate]), ...settings[gate] }
    programs[gate] = await start(homes[gate], [], { command, settings: own })
  }
  await startGate('provider')
  await startGate('agency')
  const owned = opened.move()
  return {
    homes,
    model,
    keys,
    url: `http://127.0.0.1:${ports.agency}`,
    start: startGate,
    async kill(gate) {
      await programs[gate]?.kill()
    },
    async end() {
      for (const gate of gates) assert.equal(await programs[gate]?.stop(), 0, programs[gate]?.err())
    },
    async approve(hold) {
      const args = ['holds', 'approve', hold, '--key', key, '--reason', 'I have read it.']
      const { code, err } = await run(homes.agency, args)
      assert.equal(code, 0, err)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The same agreement, in force at both; the provider's gate knows the agency's log by its key. */
async function initialiseBoth(homes: Readonly<Record<Gate, Home>>, baseUrl: string): Promise<Keys> {
  const text = sampleAgreement(baseUrl)
  const keys = await initialise(homes.agency, baseUrl, text)
  const { agreement } = writeAgreement(homes.provider, text)
  const vkey = join(homes.agency.data, 'evidence', 'log.vkey')
  const args = ['init', '--gate', '--demo', '--agency-vkey', vkey, agreement]
  const { code, err } = await run(homes.provider, args)
  assert.equal(code, 0, err)
  return keys
}

function enrolReviewer({ root, data }: Home): string {
  const key = newPrivateKey()
  const path = join(root, 'reviewer.pem')
  writeFileSync(path, key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
  const reviewer = {
    ...{ id: 'ada', title: 'A reviewer', person: 'ada', agreement: 'sample', levels: ['official'] },
    key: Buffer.from(rawPublicKey(createPublicKey(key))).toString('base64'),
  }
  writeFileSync(join(data, 'reviewers.json'), JSON.stringify([reviewer]))
  return path
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await once(server.close(), 'close')
  return port
}

/** A model that takes its time, so that calls are under way whenever something is killed. */
export function slowly(ms: number): LocalModel['play'] {
  const answer = say('Gladly, ', 'at last.')
  return async (request, response) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    await answer(request, response)
  }
}
