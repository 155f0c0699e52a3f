/** Claims about commitments, and the vectors by which a stranger checks a program of their own. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { proveInclusion, rootAt } from '../ledger/index.ts'
import { commit, commitField, commitmentRoot, committedFields, saltsBytes } from './commitments.ts'
import type { CommittedField, FieldValues } from './commitments.ts'

interface VectorCase {
  readonly about: string
  readonly fields: readonly {
    readonly name: CommittedField
    readonly value: string
    readonly salt: string
    readonly commitment: string
  }[]
  readonly root: string
  readonly disclosures: readonly Disclosure[]
}

interface Disclosure {
  readonly field: string
  readonly index: number
  readonly size: number
  readonly value: string
  readonly salt: string
  readonly path: readonly string[]
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../vectors/records/commitments.json'), 'utf8'),
) as { readonly order: readonly string[]; readonly cases: readonly VectorCase[] }

const valuesOf = ({ fields }: VectorCase): FieldValues =>
  Object.fromEntries(fields.map(({ name, value }) => [name, value])) as FieldValues
const saltsOf = ({ fields }: VectorCase): Buffer =>
  Buffer.from(fields.map(({ salt }) => salt).join(''), 'hex')
const sha256 = (...parts: readonly (readonly number[] | Uint8Array)[]): Buffer =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Uint8Array.from(part))))
    .digest()

/** As a reader of one disclosed field would: with nothing of ours, only SHA-256 and RFC 9162 §2.1.3.2. */
function rootByHand({ field, index, size, value, salt, path }: Disclosure): string {
  const name = Buffer.from(field)
  const salted = Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from('servanda/field/v1')])
  let hash = sha256([0], salted, [name.length], name, Buffer.from(value))
  let [node, last] = [index, size - 1]
  for (const hex of path) {
    const sibling = Buffer.from(hex, 'hex')
    if (node % 2 === 1 || node === last) {
      hash = sha256([1], sibling, hash)
      while (node % 2 === 0 && node > 0) [node, last] = [node >> 1, last >> 1]
    } else {
      hash = sha256([1], hash, sibling)
    }
    ;[node, last] = [node >> 1, last >> 1]
  }
  assert.equal(last, 0, 'the path has the length of the tree')
  return hash.toString('hex')
}

test('the order of the fields is that of the vectors', () => {
  assert.deepEqual(committedFields, vectors.order)
})

for (const one of vectors.cases) {
  test(`commitmentRoot gives the root of the vector: ${one.about}`, () => {
    assert.deepEqual(
      one.fields.map(({ name }) => name),
      committedFields,
    )
    assert.equal(commitmentRoot(valuesOf(one), saltsOf(one)), one.root)
  })

  test(`one disclosed field leads to the root by hand: ${one.about}`, () => {
    for (const disclosure of one.disclosures) {
      assert.equal(rootByHand(disclosure), one.root, disclosure.field)
      assert.notEqual(rootByHand({ ...disclosure, value: `${disclosure.value}x` }), one.root)
      assert.notEqual(rootByHand({ ...disclosure, salt: '00'.repeat(32) }), one.root)
    }
  })

  test(`every field of the vector has an inclusion path that works by hand: ${one.about}`, async () => {
    const hashes = one.fields.map(({ commitment }) => Buffer.from(commitment, 'hex'))
    const read = (level: number, index: number): Uint8Array => subtree(hashes, level, index)
    assert.equal(Buffer.from(await rootAt(hashes.length, read)).toString('hex'), one.root)
    for (const [index, { name, value, salt }] of one.fields.entries()) {
      const proof = await proveInclusion(index, hashes.length, read)
      const path = proof.map((hash) => Buffer.from(hash).toString('hex'))
      assert.equal(rootByHand({ field: name, index, size: hashes.length, value, salt, path }), one.root)
    }
  })
}

function subtree(hashes: readonly Uint8Array[], level: number, index: number): Uint8Array {
  if (level === 0) return hashes[index]!
  return sha256([1], subtree(hashes, level - 1, 2 * index), subtree(hashes, level - 1, 2 * index + 1))
}

const [first] = vectors.cases

test('commit draws fresh salts: the same fields never give the same root', () => {
  const values = valuesOf(first!)
  const [one, two] = [commit(values), commit(values)]
  assert.equal(one.salts.length, saltsBytes)
  assert.notEqual(one.root, two.root)
  assert.equal(commitmentRoot(values, one.salts), one.root)
})

test('any change of any value, any exchange of two, and any change of a salt gives another root', () => {
  const values = valuesOf(first!)
  const salts = saltsOf(first!)
  const field = fc.constantFrom(...committedFields)
  fc.assert(
    fc.property(field, field, fc.string(), fc.nat(saltsBytes - 1), (name, other, text, at) => {
      if (text !== values[name]) {
        assert.notEqual(commitmentRoot({ ...values, [name]: text }, salts), first!.root)
      }
      if (values[name] !== values[other]) {
        const swapped = { ...values, [name]: values[other], [other]: values[name] }
        assert.notEqual(commitmentRoot(swapped, salts), first!.root)
      }
      const flipped = Buffer.from(salts)
      flipped[at]! ^= 1
      assert.notEqual(commitmentRoot(values, flipped), first!.root)
    }),
  )
})

test('commitField takes a value of any length, and a salt of 32 bytes only', () => {
  const salt = Buffer.alloc(32, 3)
  for (const value of ['', 'a', '\u{1f600}'.repeat(40_000), 'b']) {
    const label = Buffer.from('servanda/field/v1\u0005model')
    assert.deepEqual(commitField(8, value, salt), sha256([0], salt, label, Buffer.from(value)))
  }
  for (const length of [0, 31, 33]) assert.throws(() => commitField(8, '', Buffer.alloc(length)), RangeError)
})
