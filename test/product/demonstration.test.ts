/** What a newcomer gets with one command: both gates, and nothing that stays behind. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { placesOf } from '../../src/process/places.ts'
import { entriesOf, makeHome, start, until } from './program.ts'
import type { Home } from './program.ts'
import { chat, post } from './stage.ts'

/** Where the provider's gate lies beside the agency's. */
function gateOf({ root }: Home): Home {
  const gate = join(root, 'gate')
  return { root, data: join(gate, 'data'), keys: join(gate, 'keys'), guard: join(gate, 'guard') }
}

function clerkKey(home: Home): string {
  const keys = JSON.parse(readFileSync(placesOf(home).demoCallerKeys, 'utf8')) as Record<string, string>
  return keys['medical-clerk'] ?? ''
}

const request = chat('Draft a reminder for the vaccination clinic.')

test('serve --demo runs both gates, and both end together', async () => {
  using home = makeHome()
  const gate = gateOf(home)
  const program = await start(home, ['--demo'])
  try {
    assert.equal((await post(program, clerkKey(home), request)).status, 200)
    const kinds = entriesOf(gate).map(({ kind }) => kind)
    assert.deepEqual(kinds.slice(-2), ['served', 'served-end'])
    assert.equal(await program.stop(), 0)
    assert.equal(program.err(), '')
  } finally {
    await program.kill()
  }
  // Killed, it leaves a gate that ends by itself, and the next start waits for that.
  const again = await start(home, ['--demo'])
  await again.kill()
  const third = await start(home, ['--demo'])
  try {
    assert.equal((await post(third, clerkKey(home), request)).status, 200)
    assert.equal(await third.stop(), 0)
  } finally {
    await third.kill()
  }
})

test('serve --demo fails closed, and says so, when the gate is gone', async () => {
  using home = makeHome()
  const program = await start(home, ['--demo'])
  try {
    const children = readFileSync(
      `/proc/${program.child.pid ?? 0}/task/${program.child.pid ?? 0}/children`,
      'utf8',
    )
    const [gatePid] = children.trim().split(' ')
    assert.ok(gatePid)
    process.kill(Number(gatePid), 'SIGKILL')
    await until('it is told', () => program.err().includes("the provider's gate ended with SIGKILL"))
    assert.equal((await post(program, clerkKey(home), request)).status, 502)
    assert.equal(await program.stop(), 0)
  } finally {
    await program.kill()
  }
})

test('serve --demo starts no gate where the settings say where one is, and none of another agency', async () => {
  using home = makeHome()
  const settings = { SERVANDA_GATES: 'http://127.0.0.1:9' }
  const program = await start(home, ['--demo'], { settings })
  try {
    assert.ok(!existsSync(gateOf(home).data))
    assert.equal((await post(program, clerkKey(home), request)).status, 502)
    assert.equal(await program.stop(), 0)
  } finally {
    await program.kill()
  }
  using other = makeHome()
  await (await start(other, ['--demo'])).stop()
  for (const directory of [other.data, other.keys, other.guard]) rmSync(directory, { recursive: true })
  await assert.rejects(start(other, ['--demo']), /INIT_EXISTS/)
})
