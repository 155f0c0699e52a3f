import assert from 'node:assert/strict'
import { createDecipheriv, createHmac, hkdfSync, scryptSync } from 'node:crypto'
import { test } from 'node:test'
import { Encrypter, armor, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { utf8 } from '../../base/index.ts'
import { decryptFile, encryptFile, isAgeFile } from './age-file.ts'

const passphrase = 'correct horse battery staple'
const quick = 2
const encrypted = await encryptFile(utf8('a secret'), passphrase, quick)

test('decryptFile gives what encryptFile was given, armored or not', async () => {
  for (const file of [
    utf8(encrypted),
    armor.decode(encrypted),
    utf8(`\r\n${encrypted.replaceAll('\n', '\r\n')}`),
  ]) {
    assert.ok(isAgeFile(file))
    assert.equal(Buffer.from(await decryptFile(file, passphrase, 'f')).toString(), 'a secret')
  }
})

test('encryptFile asks for the work of `age -p` and never writes the same twice', async () => {
  const [one, two] = [await encryptFile(utf8('x'), passphrase), await encryptFile(utf8('x'), passphrase)]
  assert.notEqual(one, two)
  assert.match(headerOf(one), /^age-encryption\.org\/v1\n-> scrypt \S{22} 18\n/)
})

test('isAgeFile knows a PEM key and nothing at all from an age file', () => {
  for (const other of ['', '-----BEGIN PRIVATE KEY-----\n', 'age', '{}']) assert.ok(!isAgeFile(utf8(other)))
})

test('decryptFile says that a passphrase is wrong, and nothing of the file', async () => {
  for (const wrong of [`${passphrase} `, passphrase.toUpperCase(), 'x']) {
    await assert.rejects(decryptFile(utf8(encrypted), wrong, 'f'), {
      code: 'CLI_PASSPHRASE',
      message: 'the passphrase does not open `f`',
    })
  }
})

test('decryptFile refuses work without measure before it does any', async () => {
  for (const work of ['21', '30', '63', '99999999999', '0x12', 'NaN', '1e3']) {
    const before = performance.now()
    await assert.rejects(decryptFile(withWork(work), passphrase, 'f'), {
      code: 'CLI_FILE',
      message: /^`f` asks for scrypt work of 2\^|^`f` is damaged/,
    })
    assert.ok(performance.now() - before < 500, `${work} took ${performance.now() - before} ms`)
  }
})

test('decryptFile refuses another cost than the one that was written', async () => {
  // The header's MAC, and the key itself, hang on it.
  await assert.rejects(decryptFile(withWork('3'), passphrase, 'f'), { code: 'CLI_PASSPHRASE' })
})

test('decryptFile refuses a file that is encrypted to a key, or to more than one passphrase', async () => {
  const encrypter = new Encrypter()
  encrypter.addRecipient(await identityToRecipient(await generateX25519Identity()))
  const toKey = await encrypter.encrypt('a secret')
  const stanza = /-> scrypt[^]*?\n(?=---)/.exec(headerOf(encrypted))?.[0] ?? ''
  const twice = utf8(headerOf(encrypted).replace(stanza, stanza + stanza))
  for (const file of [toKey, twice]) {
    await assert.rejects(decryptFile(file, passphrase, 'f'), {
      code: 'CLI_FILE',
      message: '`f` is not encrypted with one passphrase',
    })
  }
})

test('decryptFile refuses every damaged byte and every cut', async () => {
  const file = armor.decode(encrypted)
  for (let at = 0; at < file.length; at += 3) {
    const damaged = file.slice()
    damaged[at] = (damaged[at] ?? 0) ^ 1
    // A digit of the cost may become a larger one that is still done; not the whole second is spent on it.
    if (headerOf(encrypted).indexOf(` ${quick}\n`) + 1 === at) continue
    await assert.rejects(decryptFile(damaged, passphrase, 'f'), { name: 'CliError' }, `byte ${at}`)
  }
  for (let length = 0; length < file.length; length += 7) {
    await assert.rejects(
      decryptFile(file.slice(0, length), passphrase, 'f'),
      { name: 'CliError' },
      `cut ${length}`,
    )
  }
})

test('what encryptFile makes is read by the specification alone, without the library', () => {
  assert.equal(decryptBySpecification(encrypted).toString(), 'a secret')
})

/** For a short file that one passphrase encrypts: https://c2sp.org/age, sections on scrypt, the header MAC and the payload. */
function decryptBySpecification(armored: string): Buffer {
  const file = Buffer.from(armored.replace(/-----[^-]+-----|\n/g, ''), 'base64')
  const text = file.toString('latin1')
  const header = /^age-encryption\.org\/v1\n-> scrypt (\S+) (\d+)\n(\S+)\n---(?= )/.exec(text)
  const [covered = '', salt = '', logN = '', body = ''] = header ?? assert.fail(text)
  const mac = /^ (\S{43})\n/.exec(text.slice(covered.length))?.[1] ?? assert.fail(text)
  const labelled = Buffer.concat([utf8('age-encryption.org/v1/scrypt'), Buffer.from(salt, 'base64')])
  const wrapping = scryptSync(passphrase, labelled, 32, { N: 2 ** Number(logN), r: 8, p: 1 })
  const fileKey = open(wrapping, Buffer.alloc(12), Buffer.from(body, 'base64'))
  const derived = (salted: Buffer, info: string): Buffer =>
    Buffer.from(hkdfSync('sha256', fileKey, salted, info, 32))
  const expected = createHmac('sha256', derived(Buffer.alloc(0), 'header'))
    .update(covered, 'latin1')
    .digest()
  assert.equal(mac, expected.toString('base64').replace('=', ''))
  const payload = file.subarray(covered.length + 45)
  // The one chunk is the last one, which the nonce says: counter 0, then 1.
  const nonce = Buffer.from([...Buffer.alloc(11), 1])
  return open(derived(payload.subarray(0, 16), 'payload'), nonce, payload.subarray(16))
}

function open(key: Buffer, nonce: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
  decipher.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
}

function headerOf(file: string): string {
  return Buffer.from(armor.decode(file)).toString('latin1')
}

function withWork(work: string): Uint8Array {
  return Buffer.from(headerOf(encrypted).replace(` ${quick}\n`, ` ${work}\n`), 'latin1')
}
