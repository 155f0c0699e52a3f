import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  demoKey,
  keyIdOf,
  newPrivateKey,
  publicKeyFromRaw,
  signerFromKey,
  utf8,
  verifyEd25519,
} from '../base/index.ts'
import type { CliIo } from './io.ts'
import { key } from './key.ts'
import { encryptFile } from './keys/age-file.ts'
import { readOneSigner, readSigners } from './signing-keys.ts'

const home = await mkdtemp(join(tmpdir(), 'servanda-key-'))
after(() => rm(home, { recursive: true }))

const passphrase = 'correct horse battery staple'
let files = 0
const place = (): string => join(home, `file-${(files += 1)}`)

async function ownFile(content: string, mode = 0o600): Promise<string> {
  const file = place()
  await writeFile(file, content)
  await chmod(file, mode)
  return file
}
const passphraseFile = await ownFile(`${passphrase}\n`)

/** `typed`: what a person at a terminal answers, one after another; nobody sits there where it is absent. */
async function run(args: readonly string[], typed?: readonly string[]) {
  let [out, err] = ['', '']
  const asked: string[] = []
  const io: CliIo = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    ...(typed && { ask: (prompt) => Promise.resolve(typed[asked.push(prompt) - 1] ?? assert.fail(prompt)) }),
  }
  const code = await key(args, io)
  return { code, out, err, asked }
}

const none = { key: [], 'passphrase-file': undefined, signer: [], 'demo-key': [] }
const silent = { err: () => undefined }

test('key new encrypts with the passphrase of a file, and everything that signs opens it again', async () => {
  const file = place()
  const made = await run(['new', '--out', file, '--passphrase-file', passphraseFile, '--json'])
  assert.deepEqual([made.code, made.err], [0, ''])
  const text = await readFile(file, 'utf8')
  assert.match(text, /^-----BEGIN AGE ENCRYPTED FILE-----\n/)
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  const { publicKey, keyid } = JSON.parse(made.out) as Record<string, string>
  const [signer] = await readSigners({ ...none, key: [file], 'passphrase-file': passphraseFile }, silent)
  assert.ok(signer)
  assert.equal(Buffer.from(signer.publicKey).toString('base64'), publicKey)
  assert.equal(keyIdOf(signer.publicKey), keyid)
  const signature = await signer.sign(utf8('x'))
  assert.ok(verifyEd25519(publicKeyFromRaw(signer.publicKey), utf8('x'), signature))
  const told = await run(['public', file], [passphrase])
  assert.deepEqual([told.code, told.out, told.asked], [0, `${publicKey}\n`, [`passphrase of ${file}: `]])
})

test('key new asks twice where a person sits at the terminal', async () => {
  const file = place()
  const { code, asked } = await run(['new', '--out', file], [passphrase, passphrase])
  assert.deepEqual([code, asked], [0, ['passphrase for the new key: ', 'the same again: ']])
  assert.equal((await run(['public', file, '--passphrase-file', passphraseFile])).code, 0)
})

test('key new --plain writes PEM and asks nobody', async () => {
  const file = place()
  const { code, out } = await run(['new', '--out', file, '--plain'])
  assert.equal(code, 0)
  assert.match(await readFile(file, 'utf8'), /^-----BEGIN PRIVATE KEY-----\n/)
  assert.equal((await run(['public', file])).out, out)
})

test('key new writes nothing where it has no passphrase that will do', async () => {
  const empty = await mkdtemp(join(home, 'empty-'))
  const out = ['new', '--out', join(empty, 'me.key')]
  const short = await ownFile('hunter2\n')
  const [two, blank, open] = [
    await ownFile('one\ntwo\n'),
    await ownFile('\n'),
    await ownFile(passphrase, 0o640),
  ]
  const from = (file: string): string[] => [...out, '--passphrase-file', file]
  for (const [args, typed, expected] of [
    [out, undefined, /CLI_PASSPHRASE: a new key is encrypted, and here is no terminal/],
    [out, [passphrase, `${passphrase}!`], /CLI_PASSPHRASE: the two passphrases differ/],
    [out, ['short', 'short'], /CLI_PASSPHRASE: .*fewer than 12 characters/],
    [out, ['', ''], /CLI_PASSPHRASE: .*fewer than 12 characters/],
    [from(short), undefined, /CLI_PASSPHRASE: .*fewer than 12 characters/],
    [from(two), undefined, /CLI_PASSPHRASE: .*as its one line/],
    [from(blank), undefined, /CLI_PASSPHRASE: .*as its one line/],
    [from(open), undefined, /CLI_FILE: .*is open to others/],
    [from(join(empty, 'absent')), undefined, /CLI_FILE: .*there is no such file/],
    [[...from(passphraseFile), '--plain'], undefined, /CLI_USAGE: either --plain or --passphrase-file/],
    [['new', ...from(passphraseFile)], undefined, /CLI_USAGE: `new`: a new key is written to --out/],
    [['new'], undefined, /CLI_USAGE: --out is missing/],
  ] as const) {
    const { code, err, out: printed } = await run(args, typed)
    assert.deepEqual([code, printed], [2, ''])
    assert.match(err, expected)
    for (const secret of ['hunter2', 'correct horse']) assert.ok(!err.includes(secret), err)
  }
  assert.deepEqual(await readdir(empty), [])
})

test('key new leaves a key that is there as it is', async () => {
  const file = await ownFile('the key of before')
  for (const how of [['--plain'], ['--passphrase-file', passphraseFile]]) {
    const { code, err } = await run(['new', '--out', file, ...how])
    assert.equal(code, 2)
    assert.match(err, /CLI_FILE: .*it is there already and was left as it is/)
  }
  assert.equal(await readFile(file, 'utf8'), 'the key of before')
})

test('readSigners refuses a key that is open to others, encrypted or not', async () => {
  const pem = demoKey('ada').export({ format: 'pem', type: 'pkcs8' }).toString()
  for (const text of [pem, await encryptFile(utf8(pem), passphrase, 2)]) {
    const given = { ...none, key: [await ownFile(text, 0o644)], 'passphrase-file': passphraseFile }
    await assert.rejects(readSigners(given, silent), { code: 'CLI_FILE', message: /is open to others/ })
  }
})

test('readSigners says what is wrong with a key, and nothing of what is in it', async () => {
  const pem = newPrivateKey().export({ format: 'pem', type: 'pkcs8' }).toString()
  const [secret = ''] = /(?<=\n)\S+/.exec(pem) ?? []
  const encrypted = await encryptFile(utf8(pem), passphrase, 2)
  const other = await ownFile('another passphrase\n')
  for (const [content, from, code] of [
    [encrypted, other, 'CLI_PASSPHRASE'],
    [encrypted, undefined, 'CLI_PASSPHRASE'],
    [encrypted.replace('A', 'B'), passphraseFile, 'CLI_FILE'],
    [await encryptFile(utf8('no key'), passphrase, 2), passphraseFile, 'CLI_FILE'],
    [pem.replace('PRIVATE', 'PUBLIC'), passphraseFile, 'CLI_FILE'],
    ['', passphraseFile, 'CLI_FILE'],
    ['x'.repeat(100_000), passphraseFile, 'CLI_FILE'],
  ] as const) {
    const given = { ...none, key: [await ownFile(content)], 'passphrase-file': from }
    await assert.rejects(readSigners(given, silent), (error: Error & { code: string }) => {
      assert.equal(error.code, code, error.message)
      assert.ok(!error.message.includes(secret))
      return true
    })
  }
})

test('readSigners takes each kind of signer, in the order of the options, and warns of a demonstration key', async () => {
  const pem = demoKey('ada').export({ format: 'pem', type: 'pkcs8' }).toString()
  const publicKey = Buffer.from(signerFromKey(demoKey('token')).publicKey).toString('base64')
  const token = await ownFile(JSON.stringify({ publicKey, command: ['pkcs11-sign'] }))
  const given = {
    ...none,
    key: [await ownFile(pem)],
    signer: [token],
    'demo-key': ['agency', 'agency/counsel'],
  }
  let told = ''
  const signers = await readSigners(
    given,
    { err: (text) => void (told += text) },
    (name) => `department/${name}`,
  )
  assert.match(told, /^DEMONSTRATION: anyone can make this key/)
  assert.deepEqual(
    signers.map((signer) => Buffer.from(signer.publicKey)),
    ['ada', 'token', 'department/agency', 'department/agency/counsel'].map((name) =>
      Buffer.from(signerFromKey(demoKey(name)).publicKey),
    ),
  )
})

test('readSigners says that a directory is no key', async () => {
  const directory = await mkdtemp(join(home, 'directory-'))
  for (const given of [
    { ...none, key: [directory] },
    { ...none, signer: [directory] },
  ]) {
    await assert.rejects(readSigners(given, silent), {
      code: 'CLI_FILE',
      message: /is a directory, not a file/,
    })
  }
})

test('readOneSigner takes exactly one, and readSigners no passphrase that nothing needs', async () => {
  for (const given of [
    none,
    { ...none, 'demo-key': ['a', 'b'] },
    { ...none, key: ['a'], 'demo-key': ['b'] },
  ]) {
    await assert.rejects(readOneSigner(given, silent), { code: 'CLI_USAGE' })
  }
  const given = { ...none, 'demo-key': ['a'], 'passphrase-file': passphraseFile }
  await assert.rejects(readSigners(given, silent), { code: 'CLI_USAGE', message: /goes with --key alone/ })
})
