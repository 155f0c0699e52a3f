/** The gate beside the agency's: that it waits for a lock, and for nothing else. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { sampleText } from '../agreement/sample-agreement.ts'
import { demoKey, signerFromKey } from '../base/index.ts'
import { formatVkey } from '../ledger/index.ts'
import { lockDirectory } from '../store/index.ts'
import { gateBeside, startChildGate } from './child-gate.ts'
import { initialiseGate } from './initialise.ts'
import { readSettings } from './settings.ts'
import type { Settings } from './settings.ts'

function newGate(t: TestContext): { readonly root: string; readonly gate: Settings } {
  const root = mkdtempSync(join(tmpdir(), 'servanda-gate-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const settings = readSettings({
    SERVANDA_DATA: join(root, 'data'),
    SERVANDA_KEYS: join(root, 'keys'),
    SERVANDA_GUARD: join(root, 'guard'),
    SERVANDA_PORT: '0',
  })
  return { root, gate: gateBeside(settings) }
}

const refuse = (message: string): void => assert.fail(message)

test('startChildGate starts again where another process held the lock, and then serves', async (t) => {
  const { root, gate } = newGate(t)
  const [agreement, agencyVkey] = [join(root, 'agreement.md'), join(root, 'agency.vkey')]
  writeFileSync(agreement, sampleText())
  writeFileSync(agencyVkey, formatVkey('agency.example/log', signerFromKey(demoKey('agency')).publicKey))
  await initialiseGate(gate, { agreements: [agreement], demo: true, agencyVkey })
  const lock = lockDirectory(gate.data)
  let pauses = 0
  await using child = await startChildGate(gate, refuse, async () => {
    pauses++
    lock[Symbol.dispose]()
    await Promise.resolve()
  })
  assert.equal(pauses, 1)
  assert.equal((await fetch(`${child.url}/healthz`)).status, 200)
})

test('startChildGate waits for nothing where the gate fails for another reason', async (t) => {
  const { gate } = newGate(t)
  const pause = (): Promise<never> => assert.fail('there is no lock to wait for')
  await assert.rejects(startChildGate(gate, refuse, pause), { code: 'SERVE_FAILED', message: /INIT_MISSING/ })
})
