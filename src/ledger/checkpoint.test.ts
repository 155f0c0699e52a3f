import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoKey, signerFromKey } from '../base/index.ts'
import {
  emptyRoot,
  formatCheckpoint,
  formatVkey,
  parseCheckpoint,
  parseVkey,
  signCheckpoint,
  signNote,
  verifyCheckpoint,
} from './index.ts'

const origin = 'log.example/one'
const root = Buffer.from(emptyRoot).toString('base64')
const signer = signerFromKey(demoKey('checkpoint test'))

test('formatCheckpoint and parseCheckpoint are inverse', () => {
  for (const size of [0, 1, 256, Number.MAX_SAFE_INTEGER]) {
    const body = formatCheckpoint({ origin, size, root: emptyRoot })
    assert.equal(body, `${origin}\n${size}\n${root}\n`)
    assert.deepEqual(parseCheckpoint(body), { origin, size, root: Buffer.from(emptyRoot) })
  }
})

test('parseCheckpoint refuses everything but the three exact lines', () => {
  const sizes = [
    '',
    '01',
    '00',
    '-1',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '1 ',
    '0x1',
    '9007199254740992',
    '99999999999999999999',
  ]
  const bodies = [
    ...sizes.map((size) => `${origin}\n${size}\n${root}\n`),
    `\n1\n${root}\n`,
    `a b\n1\n${root}\n`,
    `${origin}\n1\n${root}`,
    `${origin}\n1\n${root}\nextension\n`,
    `${origin}\n1\n${root}\n\n`,
    `${origin}\n1\n${root.slice(0, -1)}\n`,
    `${origin}\n1\n${root.slice(0, -2)}V=\n`,
    `${origin}\n1\n${root} \n`,
    `${origin}\r\n1\r\n${root}\r\n`,
    `${origin}\n1\nAAAA\n`,
  ]
  for (const body of bodies) assert.throws(() => parseCheckpoint(body), { code: 'LEDGER_CHECKPOINT' }, body)
  assert.throws(() => formatCheckpoint({ origin, size: -1, root: emptyRoot }), { code: 'LEDGER_CHECKPOINT' })
})

test('verifyCheckpoint demands the key that bears the name of the origin', async () => {
  const verifiers = [
    parseVkey(formatVkey(origin, signer.publicKey)),
    parseVkey(formatVkey('b.example', signer.publicKey)),
  ]
  const note = await signCheckpoint({ origin, size: 0, root: emptyRoot }, signer)
  assert.equal(verifyCheckpoint(note, verifiers).size, 0)
  const body = formatCheckpoint({ origin, size: 0, root: emptyRoot })
  const other = await signNote(body, [{ name: 'b.example', signer }])
  assert.throws(() => verifyCheckpoint(other, verifiers), { code: 'LEDGER_SIGNATURE' })
})
