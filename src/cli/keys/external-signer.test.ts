import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { demoKey, publicKeyFromRaw, signerFromKey, utf8, verifyEd25519 } from '../../base/index.ts'
import { readExternalSigner } from './external-signer.ts'

const home = await mkdtemp(join(tmpdir(), 'servanda-signer-'))
after(() => rm(home, { recursive: true }))

const key = demoKey('token')
const publicKey = Buffer.from(signerFromKey(key).publicKey).toString('base64')
const message = utf8('to be signed')

/** A token's program in the place of a real one; `body` has `input`, `key`, `sign` and `answer` at hand. */
async function program(body: string): Promise<readonly string[]> {
  const file = join(home, `program-${Math.random().toString(36).slice(2)}.mjs`)
  const pem = JSON.stringify(key.export({ format: 'pem', type: 'pkcs8' }))
  const text = `
    import { createPrivateKey, sign } from 'node:crypto'
    import { readFileSync, writeSync } from 'node:fs'
    const key = createPrivateKey(${pem})
    const input = readFileSync(0)
    const answer = (text) => writeSync(1, text)
    ${body}`
  await writeFile(file, text)
  return [process.execPath, file]
}

async function signerFile(content: unknown): Promise<string> {
  const file = join(home, `signer-${Math.random().toString(36).slice(2)}.json`)
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o644 })
  return file
}

async function signerOf(body: string, options?: { timeoutMs: number }) {
  return readExternalSigner(await signerFile({ publicKey, command: await program(body) }), options)
}

test('readExternalSigner signs with the program that the file names', async () => {
  for (const end of ['', '\\n', '\\r\\n']) {
    const signer = await signerOf(`answer(sign(null, input, key).toString('base64') + '${end}')`)
    assert.equal(Buffer.from(signer.publicKey).toString('base64'), publicKey)
    const signature = await signer.sign(message)
    assert.ok(verifyEd25519(publicKeyFromRaw(signer.publicKey), message, signature))
  }
})

test('readExternalSigner hands arguments on as they are: no shell reads them', async () => {
  const hostile = '$(touch /nowhere); `id` "\' && exit 0'
  const [node = '', file = ''] = await program(
    `answer(process.argv[2] === ${JSON.stringify(hostile)} ? sign(null, input, key).toString('base64') : 'no')`,
  )
  const signer = readExternalSigner(await signerFile({ publicKey, command: [node, file, hostile] }))
  assert.equal((await signer.sign(message)).length, 64)
})

const faults: readonly (readonly [claim: string, body: string, message: RegExp])[] = [
  ['nothing', '', /did not answer a signature of the key/],
  ['no base64', `answer('signed!')`, /did not answer a signature of the key/],
  ['zeros', `answer(Buffer.alloc(64).toString('base64'))`, /did not answer a signature of the key/],
  [
    'a signature over other bytes',
    `answer(sign(null, Buffer.from('x'), key).toString('base64'))`,
    /did not answer/,
  ],
  [
    'a signature and more',
    `answer(sign(null, input, key).toString('base64').repeat(1000))`,
    /more than a signature/,
  ],
  ['without an end', `for (;;) answer('A'.repeat(65536))`, /more than a signature|ended with/],
  [
    'and fails',
    `answer(sign(null, input, key).toString('base64')); process.exit(3)`,
    /ended with exit code 3/,
  ],
  ['and is killed', `process.kill(process.pid, 'SIGTERM'); setInterval(() => 0, 1e6)`, /ended with SIGTERM/],
]

for (const [claim, body, expected] of faults) {
  test(`a program that answers ${claim} gives no signature`, async () => {
    const signer = await signerOf(body)
    await assert.rejects(signer.sign(message), { code: 'CLI_SIGNER', message: expected })
  })
}

test('a program that hangs is ended, and what it has started is not waited for', async () => {
  for (const body of [
    'setInterval(() => 0, 1e6)',
    `import('node:child_process').then(({ spawn }) => spawn('sleep', ['3'], { stdio: 'inherit' }))`,
  ]) {
    const signer = await signerOf(body, { timeoutMs: 400 })
    const before = performance.now()
    await assert.rejects(signer.sign(message), {
      code: 'CLI_SIGNER',
      message: /did not answer within 0\.4 s/,
    })
    assert.ok(performance.now() - before < 2_500)
  }
})

test('a program that is not there, or does not read its input, is an error and no crash', async () => {
  const absent = readExternalSigner(await signerFile({ publicKey, command: [join(home, 'absent')] }))
  await assert.rejects(absent.sign(message), { code: 'CLI_SIGNER', message: /cannot be run/ })
  const deaf = readExternalSigner(await signerFile({ publicKey, command: [process.execPath, '-e', '0'] }))
  await assert.rejects(deaf.sign(Buffer.alloc(1_000_000)), { code: 'CLI_SIGNER' })
})

test('readExternalSigner refuses a file that is not exactly a public key and a command', async () => {
  const command = ['pkcs11-sign']
  const small = Buffer.alloc(32).toString('base64')
  for (const [content, expected] of [
    ['{', /not valid JSON/],
    [[], /an object is needed/],
    [{ command }, /publicKey: the member is missing/],
    [{ publicKey }, /command: the member is missing/],
    [{ publicKey, command, shell: true }, /shell: there is no such member/],
    [{ publicKey: 'AAAA', command }, /publicKey: the base64 of an Ed25519 public key/],
    [{ publicKey: small, command }, /publicKey: the base64 of an Ed25519 public key/],
    [{ publicKey, command: 'pkcs11-sign --slot 1' }, /command: a list is needed/],
    [{ publicKey, command: [] }, /command: the name or the absolute path/],
    [{ publicKey, command: [''] }, /command: the name or the absolute path/],
    [{ publicKey, command: ['./sign'] }, /command: the name or the absolute path/],
    [{ publicKey, command: ['bin/sign'] }, /command: the name or the absolute path/],
    [{ publicKey, command: ['sign', 1] }, /command\[1\]: a text is needed/],
    [{ publicKey, command: ['sign\0'] }, /command\[0\]: a text is needed/],
    [`{"publicKey":"${'A'.repeat(70_000)}"}`, /longer than 65536 bytes/],
  ] as const) {
    const file = await signerFile(content)
    assert.throws(() => readExternalSigner(file), { code: 'CLI_FILE', message: expected })
  }
})

test(
  'readExternalSigner refuses a file that others can change',
  { skip: process.platform === 'win32' && 'there are no such modes here' },
  async () => {
    const file = await signerFile({ publicKey, command: ['pkcs11-sign'] })
    for (const mode of [0o664, 0o646]) {
      await chmod(file, mode)
      assert.throws(() => readExternalSigner(file), { code: 'CLI_FILE', message: /can be changed by others/ })
    }
  },
)
