/** What every command does alike, and `prove`, which has no other test. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { listenOnSocket } from '../api/index.ts'
import { orderBody, startControlStage } from '../api/sample-control.fixture.ts'
import { demoKey, systemClock } from '../base/index.ts'
import { gateKey, sampleLogs, writeEvidence } from '../certificate/sample-logs.ts'
import { leafHash, formatReceipt, parseProof, signReceipt } from '../ledger/index.ts'
import { sampleEntries, sampleOrigin, sampleSigner, writeSampleLog } from '../ledger/sample-log.ts'
import { commands, help } from './index.ts'

const home = await mkdtemp(join(tmpdir(), 'servanda-commands-'))
after(() => rm(home, { recursive: true }))

const examples = join(import.meta.dirname, '../../examples')
const agreement = join(examples, 'ended/v1.md')
const callers = join(examples, 'demo-callers.json')
const request = join(examples, 'ended/requests/today.json')
const absent = join(home, 'absent')

const entries = sampleEntries(300)
await writeSampleLog(home, [300], entries)
const receiptOf = async (index: number, leaf = entries[index]): Promise<string> => {
  const promised = { origin: sampleOrigin, index, leafHash: leafHash(leaf ?? Buffer.alloc(0)), time: 1 }
  return formatReceipt(await signReceipt(promised, sampleSigner))
}
const receipt = await receiptOf(7)

const gateway = createServer((_, response) => response.setHeader('servanda-receipt', 'a receipt').end('{}'))
await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
after(() => gateway.close())
const { port } = gateway.address() as AddressInfo
const keys = join(home, 'keys.json')
await writeFile(keys, JSON.stringify({ 'logistics-planner': 'sv_x' }))

const gateEvidence = join(home, 'gate')
await writeEvidence(gateEvidence, gateKey, (await sampleLogs([])).gate.entries())

/** Of a reviewer at a gate whose control socket this is. */
const keyFile = join(home, 'ada.pem')
await writeFile(keyFile, demoKey('ada').export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
const socket = join(home, 'control.sock')
const { app: control } = await startControlStage({ clock: systemClock })
await listenOnSocket(control, socket)
after(() => control.close())
const [orderFile, orderOut] = [join(home, 'order.json'), join(home, 'order-out.json')]
await writeFile(
  orderFile,
  JSON.stringify(await orderBody({ order: 'resume', lifts: ['order_1'] }, ['agency'])),
)

/** Settings of a place where nothing is yet. */
async function newPlace(): Promise<void> {
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('SERVANDA_'))) {
    Reflect.deleteProperty(process.env, name)
  }
  const place = await mkdtemp(join(home, 'place-'))
  for (const name of ['DATA', 'KEYS', 'GUARD']) process.env[`SERVANDA_${name}`] = join(place, name)
}
beforeEach(newPlace)

async function run(name: string, args: readonly string[]) {
  let [out, err] = ['', '']
  const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) }
  const code = await commands[name]?.(args, io)
  return { code, out, err }
}

interface Case {
  /** What is said where there are no arguments; absent where that is good. */
  readonly bare: RegExp
  readonly unreadable: readonly string[]
  /** Absent where the command goes on until it is stopped. */
  readonly good?: readonly string[]
}

const url = ['--url', `http://127.0.0.1:${port}`]
const cases: Readonly<Record<string, Case>> = {
  init: {
    bare: /CLI_USAGE: AGREEMENT is missing/,
    unreadable: [absent, '--callers', callers, '--demo'],
    good: [agreement, '--callers', callers, '--demo'],
  },
  serve: { bare: /INIT_MISSING: nothing is initialised/, unreadable: [] },
  gate: { bare: /INIT_MISSING: nothing is initialised/, unreadable: [] },
  check: { bare: /CLI_USAGE: FILE is missing/, unreadable: [absent], good: [agreement] },
  explain: {
    bare: /CLI_USAGE: FILE is missing/,
    unreadable: [agreement, '--request', absent],
    good: [agreement, '--request', request],
  },
  diff: {
    bare: /CLI_USAGE: OLD is missing/,
    unreadable: [agreement, absent],
    good: [agreement, agreement],
  },
  parity: {
    bare: /CLI_USAGE: A is missing/,
    unreadable: [agreement, absent],
    // Two files with the same terms.
    good: [agreement, `${examples}/../examples/ended/v1.md`],
  },
  // What it gives when all is well stands in its own tests, for it writes no file twice.
  export: {
    bare: /CLI_USAGE: FORM is missing/,
    unreadable: ['html', absent, '--out', join(home, 'unwritten.html')],
  },
  // Likewise: it says on standard error what is signed.
  sign: {
    bare: /CLI_USAGE: FILE is missing/,
    unreadable: [absent, '--effective', '2026-01-01', '--demo-key', 'agency'],
  },
  // Likewise: nobody has signed these examples.
  signatures: { bare: /CLI_USAGE: FILE is missing/, unreadable: [absent] },
  activate: { bare: /CLI_USAGE: FILE is missing/, unreadable: [absent] },
  verify: { bare: /CLI_FILE: there is no evidence directory/, unreadable: [absent], good: [home] },
  prove: {
    bare: /CLI_USAGE: RECEIPT is missing/,
    unreadable: [receipt, absent],
    good: [receipt, home],
  },
  reconcile: {
    bare: /CLI_USAGE: AGENCY is missing/,
    unreadable: [home, absent],
    good: [home, gateEvidence],
  },
  // What it gives when all is well stands in its own tests, for it takes a gate with a log.
  certify: {
    bare: /CLI_USAGE: CERTIFICATE is missing/,
    unreadable: ['exclusion', '--supplier', 'nimbus', '--from', '2026-01-01', '--to', '2026-01-02'],
  },
  // Likewise.
  replay: { bare: /CLI_USAGE: FILE is missing/, unreadable: [absent, '--since', '2026-01-01'] },
  rehearse: {
    bare: /CLI_FILE: cannot read the callers' keys from .*demo-callers\.json/,
    unreadable: ['--keys', absent],
    good: [...url, '--keys', keys, '--only', 'spare-parts'],
  },
  holds: {
    bare: /CLI_USAGE: one of --key FILE, --signer FILE and --demo-key NAME is needed/,
    unreadable: ['--key', absent],
    good: ['list', '--key', keyFile, '--socket', socket],
  },
  stop: {
    bare: /CLI_USAGE: one of --agreement ID, --text FILE or --order FILE is needed/,
    unreadable: ['--order', absent],
    good: ['--text', agreement, '--key', keyFile, '--reason', 'It is over.', '--out', orderOut],
  },
  resume: {
    bare: /CLI_USAGE: one of --agreement ID or --order FILE is needed/,
    unreadable: ['--order', absent],
    good: ['--order', orderFile, '--out', orderOut],
  },
  // What it gives when all is well stands in its own tests.
  dispute: {
    bare: /CLI_USAGE: FILE, --clause, --reason and --key are needed, or --signed/,
    unreadable: ['--signed', absent],
  },
  key: {
    bare: /CLI_USAGE: ACTION is missing/,
    unreadable: ['public', absent],
    good: ['public', keyFile],
  },
  // Where nothing is initialised it has a finding and no error; the rest is in its own tests.
  doctor: { bare: /^/, unreadable: [] },
}

test('the table names every command, and so does the help', () => {
  assert.deepEqual(Object.keys(cases), Object.keys(commands))
  for (const name of Object.keys(commands)) assert.match(help, new RegExp(`^  ${name} `, 'm'))
})

for (const [name, { bare, unreadable, good }] of Object.entries(cases)) {
  test(`${name} --help prints the usage and nothing else, whatever stands beside it`, async () => {
    for (const args of [['--help'], ['-h'], ['--nonsense', '--help']]) {
      const { code, out, err } = await run(name, args)
      assert.deepEqual([code, err], [0, ''])
      assert.match(out, new RegExp(`^usage: servanda ${name} [^]*--json`))
    }
  })

  test(`${name} without arguments says what is missing`, async () => {
    const { code, out, err } = await run(name, [])
    if (name === 'doctor') assert.match(out, /nothing is initialised/)
    else assert.deepEqual([code, out], [2, ''])
    assert.match(err, bare)
    assert.equal(err.includes('usage: '), err.includes('CLI_USAGE'))
  })

  test(`${name} names an option that it does not know, and an argument too many`, async () => {
    for (const wrong of ['--nonsense', '--json=yes']) {
      const { code, out, err } = await run(name, [...(good ?? []), wrong])
      assert.deepEqual([code, out], [2, ''])
      assert.match(
        err,
        new RegExp(`^servanda: CLI_USAGE: .*'?${wrong.split('=')[0]}[^]*\nusage: servanda ${name} `),
      )
    }
    if (['init', 'check', 'export'].includes(name)) return
    const { code, err } = await run(name, [...(good ?? []), 'one', 'two'])
    assert.equal(code, 2)
    assert.match(err, /CLI_USAGE: `(one )?two` is more than it takes/)
  })

  test(`${name} says in a sentence what it cannot read`, async () => {
    const byItsSettings = ['serve', 'gate', 'certify', 'doctor'].includes(name)
    if (byItsSettings) process.env['SERVANDA_SETTINGS'] = absent
    const { code, out, err } = await run(name, unreadable)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, /^servanda: (CLI_FILE|SETTINGS_INVALID): /)
    assert.ok(err.includes(absent), err)
    if (!byItsSettings) assert.doesNotMatch(err, /ENOENT: |usage:/)
  })

  if (good === undefined) continue
  test(`${name} exits 0 when all is well, and prints one JSON object where that is asked`, async () => {
    const { code, out, err } = await run(name, good)
    assert.deepEqual([code, err], [0, ''])
    assert.notEqual(out, '')
    await newPlace()
    const json = await run(name, [...good, '--json'])
    assert.deepEqual([json.code, json.err], [0, ''])
    assert.equal(`${JSON.stringify(JSON.parse(json.out), null, 2)}\n`, json.out)
    assert.ok(json.out.startsWith('{'))
  })
}

test('serve and gate say where the data of the other one lie', async () => {
  assert.equal((await run('init', [agreement, '--callers', callers, '--demo'])).code, 0)
  const { code, out, err } = await run('gate', [])
  assert.deepEqual([code, out], [2, ''])
  assert.match(err, /^servanda: INIT_MISSING: in .* lie the data of an agency's gate: run `servanda serve`/)
  const vkey = join(process.env['SERVANDA_DATA'] ?? '', 'evidence', 'log.vkey')
  await newPlace()
  assert.equal((await run('init', ['--gate', '--demo', '--agency-vkey', vkey, agreement])).code, 0)
  assert.match((await run('serve', [])).err, /INIT_MISSING: in .* lie the data of a provider's gate/)
})

test('the help keeps to 100 columns', () => {
  for (const line of help.split('\n')) assert.ok(line.length <= 100, line)
})

test('an option that is given twice or is empty is named', async () => {
  assert.match((await run('verify', [home, '--vkey', 'a', '--vkey', 'b'])).err, /--vkey is given twice/)
  assert.match((await run('verify', [''])).err, /DIR is empty/)
  assert.match((await run('init', [agreement])).err, /--callers is missing/)
  assert.match((await run('explain', [agreement])).err, /--request is missing/)
})

test('a fault of ours is told with its stack', async () => {
  const broken = { out: () => assert.fail('broken'), err: () => undefined }
  let told = ''
  const code = await commands['check']?.([agreement], { ...broken, err: (text) => void (told += text) })
  assert.equal(code, 2)
  assert.match(told, /^servanda: AssertionError.*broken\n +at /)
})

test('verify, prove and rehearse find by the settings what init and serve have made', async () => {
  assert.equal((await run('init', [agreement, '--callers', callers, '--demo'])).code, 0)
  const verified = await run('verify', [])
  assert.equal(verified.code, 0, verified.err)
  assert.match(verified.out, /^signed: ended version 1, entry 1, sha256:/m)
  assert.match((await run('prove', [receipt])).err, /LEDGER_SIGNATURE: the receipt is of `gateway\.example/)
  const settings = join(home, 'settings.json')
  const { SERVANDA_DATA: data, SERVANDA_KEYS: keysAt, SERVANDA_GUARD: guard } = process.env
  for (const name of ['DATA', 'KEYS', 'GUARD']) Reflect.deleteProperty(process.env, `SERVANDA_${name}`)
  await writeFile(settings, JSON.stringify({ port, data, keys: keysAt, guard }))
  process.env['SERVANDA_SETTINGS'] = settings
  assert.equal((await run('verify', [])).out, verified.out)
  assert.match((await run('rehearse', ['--only', 'ended'])).out, /NOT {2}after-the-end .* 200 allow/)
})

test('prove gives a proof of the promised entry', async () => {
  const { out } = await run('prove', [receipt, home])
  assert.equal(parseProof(out).index, 7)
})

test('prove exits 1 for a broken promise and prints nothing that could pass for a proof', async () => {
  const broken = await receiptOf(7, entries[8])
  const { code, out, err } = await run('prove', [broken, home])
  assert.deepEqual([code, out], [1, ''])
  assert.match(err, /LEDGER_PROOF: entry 7 is not the one that the receipt promises/)
  const json = await run('prove', [broken, home, '--json'])
  assert.equal(json.code, 1)
  assert.equal((JSON.parse(json.out) as { finding: { code: string } }).finding.code, 'LEDGER_PROOF')
})

test('prove exits 2 for what is no promise of this log, and for one that is not due', async () => {
  const [body = '', signature = ''] = receipt.split('.')
  const forged = `${body}.${Buffer.from(signature, 'base64url').fill(1, 0, 1).toString('base64url')}`
  for (const [text, message] of [
    ['nonsense', /LEDGER_RECEIPT/],
    [forged, /LEDGER_SIGNATURE: the receipt is not signed/],
    [await receiptOf(300), /CLI_NOT_COVERED: the checkpoint has 300 entries.*wait/],
  ] as const) {
    const { code, err } = await run('prove', [text, home])
    assert.equal(code, 2)
    assert.match(err, message)
  }
})
