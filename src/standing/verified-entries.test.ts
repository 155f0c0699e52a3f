import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Agreement } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import type { Json } from '../base/index.ts'
import { EntryVerifier } from './verified-entries.ts'

const [agreement, other] = [requireAgreement(sampleText()), requireAgreement(sampleText())]

/** Counts what it is asked to verify, and refuses `bad`. */
function counting(): { readonly verify: (about: Agreement, envelope: Json) => Json; asked: number } {
  const counts = {
    asked: 0,
    verify(_about: Agreement, envelope: Json): Json {
      counts.asked++
      if (envelope === 'bad') throw new RangeError('it is not signed')
      return envelope
    },
  }
  return counts
}

test('EntryVerifier verifies the same bytes about the same version once, over all readings', () => {
  const counts = counting()
  const first = new EntryVerifier(counts.verify)
  assert.deepEqual(first.read({ seq: 5, envelope: { sig: 'a' } }, agreement), { sig: 'a' })
  const second = new EntryVerifier(counts.verify, first.verified)
  assert.deepEqual(second.read({ seq: 5, envelope: { sig: 'a' } }, agreement), { sig: 'a' })
  const third = new EntryVerifier(counts.verify, second.verified)
  third.read({ seq: 5, envelope: { sig: 'a' } }, agreement)
  assert.equal(counts.asked, 1)
})

test('EntryVerifier verifies anew what is another entry, other bytes or about another version', () => {
  const counts = counting()
  const first = new EntryVerifier(counts.verify)
  first.read({ seq: 5, envelope: { sig: 'a' } }, agreement)
  for (const [seq, sig, about] of [
    [6, 'a', agreement],
    [5, 'b', agreement],
    [5, 'a', other],
  ] as const) {
    new EntryVerifier(counts.verify, first.verified).read({ seq, envelope: { sig } }, about)
  }
  assert.equal(counts.asked, 4)
})

test('EntryVerifier keeps nothing that was refused, and nothing that was not met again', () => {
  const counts = counting()
  const first = new EntryVerifier(counts.verify)
  assert.throws(() => first.read({ seq: 5, envelope: 'bad' }, agreement), RangeError)
  first.read({ seq: 6, envelope: 'good' }, agreement)
  assert.deepEqual([...first.verified.keys()], [6])
  assert.equal(new EntryVerifier(counts.verify, first.verified).verified.size, 0)
})
