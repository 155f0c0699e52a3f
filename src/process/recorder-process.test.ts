/** What the recorder's thread leaves in the files beside its log. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { sampleText } from '../agreement/sample-agreement.ts'
import { initialise } from './initialise.ts'
import { placesOf } from './places.ts'
import { startRecorder } from './recorder-process.ts'
import { readSettings } from './settings.ts'
import type { Settings } from './settings.ts'

async function initialised(t: TestContext): Promise<Settings> {
  const directory = mkdtempSync(join(tmpdir(), 'servanda-recorder-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const settings = readSettings({
    SERVANDA_DATA: join(directory, 'data'),
    SERVANDA_KEYS: join(directory, 'keys'),
    SERVANDA_GUARD: join(directory, 'guard'),
  })
  const [agreement, callers] = [join(directory, 'agreement.md'), join(directory, 'callers.json')]
  const caller = { id: 'clerk', title: 'Clerk', agreements: ['sample'], units: ['ward'], chains: [[]] }
  const rest = { purposes: ['care'], surface: 'console', consumer: 'seat', provenances: [[]] }
  writeFileSync(agreement, sampleText())
  writeFileSync(callers, JSON.stringify([{ ...caller, ...rest }]))
  await initialise(settings, { agreements: [agreement], callers, demo: true })
  return settings
}

async function startOnce(settings: Settings): Promise<void> {
  const ignored = () => undefined
  const recorder = await startRecorder(settings, { fatal: ignored, delayed: ignored })
  await recorder.close()
}

test('a start derives the verifier key again, and replaces one that is not of its log', async (t) => {
  const settings = await initialised(t)
  const { logVkey, evidence } = placesOf(settings)
  const text = readFileSync(logVkey, 'utf8')
  rmSync(evidence, { recursive: true })
  await startOnce(settings)
  assert.equal(readFileSync(logVkey, 'utf8'), text)
  writeFileSync(logVkey, 'another key\n')
  await startOnce(settings)
  assert.equal(readFileSync(logVkey, 'utf8'), text)
  assert.deepEqual(readdirSync(evidence).sort(), ['checkpoint', 'log.vkey', 'tile'])
})
