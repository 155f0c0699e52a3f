/** `servanda doctor` over a real installation: what it finds, what it leaves alone, and how it ends. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { initialise, initialiseGate, placesOf, readSettings } from '../process/index.ts'
import type { Settings } from '../process/index.ts'
import { doctor } from './doctor.ts'
import { reachableOf } from './doctor/probe.ts'

const examples = join(import.meta.dirname, '../../examples')
const home = mkdtempSync(join(tmpdir(), 'servanda-doctor-'))
after(() => rmSync(home, { recursive: true }))

let settings: Settings
beforeEach(() => {
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('SERVANDA_'))) {
    Reflect.deleteProperty(process.env, name)
  }
  const place = mkdtempSync(join(home, 'place-'))
  for (const name of ['data', 'keys', 'guard'])
    process.env[`SERVANDA_${name.toUpperCase()}`] = join(place, name)
  settings = readSettings(process.env)
})

function initialiseHere(): Promise<unknown> {
  const agreements = [join(examples, 'department/v1.md')]
  return initialise(settings, { agreements, callers: join(examples, 'demo-callers.json'), demo: true })
}

async function run(...args: readonly string[]) {
  let [out, err] = ['', '']
  const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) }
  return { code: await doctor(args, io), out, err }
}

interface Answer {
  readonly ready: boolean
  readonly findings: readonly { readonly check: string; readonly severity: string }[]
}

async function notReady(): Promise<readonly string[]> {
  const { findings } = JSON.parse((await run('--json')).out) as Answer
  return findings.filter(({ severity }) => severity === 'not-ready').map(({ check }) => check)
}

test('doctor names what keeps a demonstration from production, one line each', async () => {
  await initialiseHere()
  const { code, out } = await run()
  assert.equal(code, 1)
  const lines = out.trim().split('\n')
  for (const check of ['signatures', 'rehearsal', 'demo-callers', 'quorum', 'gates']) {
    assert.match(out, new RegExp(`^not ready  ${check} .*Remedy: .*\\.$`, 'm'))
  }
  assert.match(lines.at(-1) ?? '', /^\d+ points are not ready for production$/)
  assert.equal(lines.length - 1, (JSON.parse((await run('--json')).out) as Answer).findings.length)
})

test('doctor finds a key that is open to others, and one that is not the log’s', async () => {
  await initialiseHere()
  const places = placesOf(settings)
  assert.ok(!(await notReady()).includes('key-modes'))
  chmodSync(places.logKey, 0o644)
  assert.ok((await notReady()).includes('key-modes'))
  chmodSync(places.logKey, 0o600)
  assert.ok(!(await notReady()).includes('log-key'))
  const vkey = readFileSync(places.logVkey, 'utf8')
  writeFileSync(places.logVkey, vkey.replace(/^[^+]*/, 'other.example/log'))
  assert.ok((await notReady()).includes('log-key'))
})

test('doctor --gate looks at a provider’s gate, and finds the agency’s beside it', async () => {
  await initialiseHere()
  const agencyVkey = placesOf(settings).logVkey
  const place = dirname(settings.data)
  for (const name of ['data', 'keys', 'guard']) {
    process.env[`SERVANDA_${name.toUpperCase()}`] = join(place, 'gate', name)
  }
  const gate = readSettings(process.env, 'gate')
  await initialiseGate(gate, { agreements: [join(examples, 'department/v1.md')], agencyVkey, demo: true })
  const { code, out } = await run('--gate')
  assert.equal(code, 1)
  assert.match(out, new RegExp(`^not ready  parties .*${settings.keys}`, 'm'))
  assert.doesNotMatch(out, /^not ready {2}(role|agency-log|quorum|gates|log-key|key-modes)/m)
  assert.match((await run()).out, /^not ready {2}role .*ask with --gate/m)
  writeFileSync(placesOf(gate).agencyVkey, readFileSync(placesOf(gate).logVkey))
  assert.match((await run('--gate')).out, /^not ready {2}agency-log .*this gate’s own log/m)
})

test('doctor changes nothing that is there', async () => {
  await initialiseHere()
  const before = snapshot()
  await run()
  // A reader of the database leaves the two files that all its readers share.
  const now = snapshot().filter(([path]) => !/-(shm|wal)$/.test(path))
  assert.deepEqual(now, before)
})

function snapshot(): (readonly [string, string, number])[] {
  return [settings.data, settings.keys, settings.guard].flatMap((directory) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name))
      .map((path) => [path, readFileSync(path, 'base64'), statSync(path).mtimeMs] as const),
  )
}

test('doctor says where nothing was initialised, or not to the end', async () => {
  const { code, out } = await run()
  assert.equal(code, 1)
  assert.match(out, /^not ready {2}initialisation +nothing is initialised in /)
  assert.match((await run('--gate')).out, /servanda init --gate/)
  await initialiseHere()
  writeFileSync(join(settings.data, 'initialising'), '')
  const marked = await run()
  assert.deepEqual(
    [marked.code, /initialisation .*was in use: .*last-signed covers/.test(marked.out)],
    [1, true],
  )
})

test('doctor shows what would act on the terminal or hide as what it is', async () => {
  process.env['SERVANDA_DATA'] = `${settings.data}\u{202e}\u{1b}[2J`
  assert.match((await run()).out, /nothing is initialised in \S+data\\u\{202E\}\\u\{001B\}\[2J, or not/)
})

test('doctor ends with 2 where it cannot read, and judges nothing then', async () => {
  await initialiseHere()
  writeFileSync(placesOf(settings).reviewers, '{')
  const unread = await run('--json')
  assert.deepEqual([unread.code, unread.out], [2, ''])
  assert.match(unread.err, /REVIEWERS_FILE_INVALID/)
  rmSync(placesOf(settings).reviewers)
  writeFileSync(placesOf(settings).database, 'no database at all, but long enough to be looked at')
  assert.match((await run()).err, /STORE_/)
  process.env['SERVANDA_PROT'] = '1'
  assert.match((await run()).err, /SETTINGS_INVALID/)
})

test('reachableOf names what takes a connection, and sends nothing', async (t) => {
  let requests = 0
  const server = createServer(() => requests++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const open = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const closed = await new Promise<string>((resolve) => {
    const gone = createServer().listen(0, '127.0.0.1', () => {
      const { port } = gone.address() as AddressInfo
      gone.close(() => resolve(`http://127.0.0.1:${port}/v1`))
    })
  })
  assert.deepEqual(await reachableOf([closed, open]), [open])
  assert.equal(requests, 0)
})
