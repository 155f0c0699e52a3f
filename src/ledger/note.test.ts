import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { demoKey, signerFromKey, utf8 } from '../base/index.ts'
import {
  emptyRoot,
  formatVkey,
  parseVkey,
  signCheckpoint,
  signNote,
  verifyCheckpoint,
  verifyNote,
} from './index.ts'
import { cosignedMessage, decodeNote, formatSignature, parseNote } from './note.ts'

const origin = 'log.example/one'
const signer = signerFromKey(demoKey('note test'))
const vkey = formatVkey(origin, signer.publicKey)
const verifier = parseVkey(vkey)
const witnessSigner = signerFromKey(demoKey('note test witness'))
const witness = parseVkey(formatVkey('witness.example/w', witnessSigner.publicKey, 'cosignature'))

async function cosign(text: string, timeSeconds: number): Promise<string> {
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(timeSeconds))
  const signature = await witnessSigner.sign(utf8(cosignedMessage(text, timeSeconds)))
  return formatSignature({
    name: witness.name,
    keyId: witness.keyId,
    signature: Buffer.concat([time, signature]),
  })
}

test('parseVkey reads the vector of the specification and formatVkey writes it back', () => {
  const vector = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
  const { name, keyId, type } = parseVkey(vector)
  assert.deepEqual({ name, keyId, type }, { name: 'example.com/foo', keyId: '530d903a', type: 'ed25519' })
  assert.equal(formatVkey(name, Buffer.from(vector.split('+')[2]!, 'base64').subarray(1)), vector)
})

test('parseVkey refuses what is malformed or does not match its id', () => {
  const [name = '', id = '', key = ''] = vkey.split('+', 3)
  const rest = vkey.slice(name.length + id.length + 2)
  const other = id.startsWith('0') ? `1${id.slice(1)}` : `0${id.slice(1)}`
  for (const bad of [
    '',
    name,
    `${name}+${id}`,
    `${name}+${other}+${rest}`,
    `+${id}+${rest}`,
    `a b+${id}+${rest}`,
  ]) {
    assert.throws(() => parseVkey(bad), { code: 'LEDGER_KEY' }, bad)
  }
  for (const bad of [`${vkey}=`, `${vkey}\n`, `${name}+${id.toUpperCase()}x+${key}`]) {
    assert.throws(() => parseVkey(bad), { code: 'LEDGER_KEY' }, bad)
  }
  assert.throws(() => formatVkey('a+b', signer.publicKey), { code: 'LEDGER_KEY' })
})

test('a signed note verifies, and unknown keys beside the known one are ignored', async () => {
  const other = signerFromKey(demoKey('another'))
  const note = await signNote('one\n\ntwo\n', [
    { name: 'other.example', signer: other },
    { name: origin, signer },
    { name: origin, signer: other },
  ])
  const verified = verifyNote(note, [verifier])
  assert.equal(verified.text, 'one\n\ntwo\n')
  assert.deepEqual(verified.signatures, [{ name: origin, keyId: verifier.keyId, type: 'ed25519' }])
})

test('a note without a signature by a known key, or with a false one, is rejected', async () => {
  const note = await signNote('text\n', [{ name: origin, signer }])
  assert.throws(() => verifyNote(note, []), { code: 'LEDGER_SIGNATURE' })
  assert.throws(() => verifyNote(note.replace('text', 'test'), [verifier]), { code: 'LEDGER_SIGNATURE' })
  const twice = note + formatSignature({ name: origin, keyId: verifier.keyId, signature: Buffer.alloc(64) })
  assert.throws(() => verifyNote(twice, [verifier]), { code: 'LEDGER_SIGNATURE' })
})

test('no single byte of a note can be changed unnoticed', async () => {
  const note = utf8(await signNote('some text\n2\n', [{ name: origin, signer }]))
  for (let at = 0; at < note.length; at++) {
    for (const bit of [1, 2, 16, 32, 128]) {
      const changed = Buffer.from(note)
      changed[at]! ^= bit
      assert.throws(
        () => verifyNote(decodeNote(changed), [verifier]),
        /LEDGER|note|key|signature/,
        `byte ${at} bit ${bit}`,
      )
    }
  }
})

test('parseNote refuses malformed notes', async () => {
  const note = await signNote('text\n', [{ name: origin, signer }])
  const signature = note.slice(note.indexOf('— '))
  const bad = [
    '',
    'text\n',
    'text\n\n',
    'text\n\n\n',
    note.slice(0, -1),
    `${note}x`,
    `${note}\n`,
    note.replaceAll('\n', '\r\n'),
    note.replace('— ', '- '),
    note.replace(`— ${origin}`, `—  ${origin}`),
    note.replace(origin, `${origin}+`),
    note.replace(origin, `${origin}\u00a0`),
    note.replace('text', 'te\txt'),
    note.replace('text', 'te\u0000xt'),
    `text\n\n— ${origin} AAAA\n`,
    `text\n\n— ${origin} !!!!AAAAAAAA\n`,
    `text\n\n${signature.repeat(101)}`,
    `${'x'.repeat(300_000)}\n\n${signature}`,
  ]
  for (const text of bad)
    assert.throws(() => parseNote(text), { code: 'LEDGER_NOTE' }, JSON.stringify(text.slice(0, 80)))
  assert.equal(parseNote(`text\n\n${signature.repeat(100)}`).signatures.length, 100)
})

test('decodeNote refuses bytes that are not UTF-8', () => {
  assert.throws(() => decodeNote(Uint8Array.of(0x61, 0xff, 0x0a)), { code: 'LEDGER_NOTE' })
})

test('any text that a note may hold survives signing and parsing', async () => {
  const text = fc.string({ unit: 'grapheme' }).map((s) => `${s.replaceAll(/\p{Cc}/gu, '')}\n`)
  await fc.assert(
    fc.asyncProperty(text, async (body) => {
      const note = await signNote(body, [{ name: origin, signer }])
      assert.equal(verifyNote(decodeNote(utf8(note)), [verifier]).text, body)
    }),
  )
})

test('a cosignature verifies with its time, and not with another', async () => {
  const note = await signCheckpoint({ origin, size: 0, root: emptyRoot }, signer)
  const { text } = parseNote(note)
  const line = await cosign(text, 1_767_600_000)
  const { signatures } = verifyCheckpoint(note + line, [verifier, witness])
  assert.equal(signatures[1]?.timeSeconds, 1_767_600_000)
  assert.equal(signatures[1].type, 'cosignature')
  const moved = parseNote(note + line).signatures[1]!
  const changed = Buffer.from(moved.signature)
  changed[7]! ^= 1
  const forged = note + formatSignature({ ...moved, signature: changed })
  assert.throws(() => verifyCheckpoint(forged, [verifier, witness]), { code: 'LEDGER_SIGNATURE' })
  const short = note + formatSignature({ ...moved, signature: changed.subarray(8) })
  assert.throws(() => verifyCheckpoint(short, [verifier, witness]), { code: 'LEDGER_SIGNATURE' })
})

test('a checkpoint that only a witness signed is rejected', async () => {
  const note = await signCheckpoint({ origin, size: 0, root: emptyRoot }, signer)
  const cosigned = note + (await cosign(parseNote(note).text, 1))
  assert.throws(() => verifyCheckpoint(cosigned, [witness]), { code: 'LEDGER_SIGNATURE' })
})
