/** Claims about the purse: no money is counted twice, and none is given back from under an intent. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Purse } from './purse.ts'

test('reserve says what is committed: spent, reserved before, and this', () => {
  const purse = new Purse(new Map([['a', 100]]))
  assert.equal(purse.reserve('a', 5, 1).committedMicros, 105)
  assert.equal(purse.reserve('a', 0, 1).committedMicros, 105)
  assert.equal(purse.reserve('b', 7, 2).committedMicros, 7)
  assert.equal(purse.committed('a'), 105)
})

test('reserve refuses what is no amount, and a sum that would not be exact', () => {
  const purse = new Purse(new Map([['a', Number.MAX_SAFE_INTEGER - 10]]))
  for (const micros of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 11]) {
    assert.throws(() => purse.reserve('a', micros, 1), { code: 'RECORDER_CONFLICT' })
  }
  assert.throws(() => purse.reserve('a', '1' as unknown as number, 1), { code: 'RECORDER_CONFLICT' })
  assert.equal(purse.reserve('a', 10, 1).committedMicros, Number.MAX_SAFE_INTEGER)
})

test('release gives back once, and nothing that it does not know', () => {
  const purse = new Purse(new Map())
  const { id } = purse.reserve('a', 5, 1)
  purse.release(id)
  purse.release(id)
  purse.release(99)
  assert.equal(purse.committed('a'), 0)
})

test('a claimed reservation is given back by free alone, and is claimed once', () => {
  const purse = new Purse(new Map())
  const { id } = purse.reserve('a', 5, 1)
  assert.equal(purse.claim(id), true)
  assert.equal(purse.claim(id), false)
  purse.release(id)
  purse.releaseAll(1)
  assert.equal(purse.committed('a'), 5)
  assert.equal(purse.claimed(id)?.micros, 5)
  purse.free(id)
  purse.free(id)
  assert.equal(purse.committed('a'), 0)
  assert.equal(purse.claim(id), false)
})

test('releaseAll gives back the open reservations of one worker', () => {
  const purse = new Purse(new Map())
  purse.reserve('a', 1, 1)
  purse.reserve('a', 2, 2)
  purse.reserve('a', 4, 1)
  purse.releaseAll(1)
  assert.equal(purse.committed('a'), 2)
})

test('committed is spent plus reserved after any steps', () => {
  const step = fc.record({
    do: fc.constantFrom('reserve', 'release', 'claim', 'free', 'spend'),
    id: fc.nat(20),
    micros: fc.nat(1000),
  })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const purse = new Purse(new Map([['a', 50]]))
      const reserved = new Map<number, { micros: number; claimed: boolean }>()
      let spent = 50
      for (const { do: action, id, micros } of steps) {
        const known = reserved.get(id)
        if (action === 'reserve') reserved.set(purse.reserve('a', micros, 1).id, { micros, claimed: false })
        if (action === 'claim') {
          assert.equal(purse.claim(id), known !== undefined && !known.claimed)
          if (known) known.claimed = true
        }
        if (action === 'release') purse.release(id)
        if (action === 'release' && !known?.claimed) reserved.delete(id)
        if (action === 'free') purse.free(id)
        if (action === 'free') reserved.delete(id)
        if (action === 'spend') purse.spend('a', micros)
        if (action === 'spend') spent += micros
        const sum = [...reserved.values()].reduce((total, one) => total + one.micros, spent)
        assert.equal(purse.committed('a'), sum)
      }
    }),
  )
})
