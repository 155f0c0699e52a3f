import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Intake } from './intake.ts'
import type { IntakeLimits, Place } from './intake.ts'

const limits: IntakeLimits = {
  bodyBytesMax: 100,
  bodyBytesAtOnceMax: 300,
  exchangesMax: 5,
  exchangesPerCallerMax: 2,
  exchangesPerCallerPerSecond: 4,
  bodyBytesPerCallerPerSecond: 250,
}

function newIntake() {
  let time = 1_000_000
  const intake = new Intake({ now: () => time }, limits)
  const enter = (caller: string, bytes: number | null = 10): Place => {
    const place = intake.enter(caller, bytes)
    assert.ok(typeof place === 'object', `${caller} is let in`)
    return place
  }
  return { intake, enter, passSecond: () => (time += 1000) }
}

test('Intake gives each caller so many places at once', () => {
  const { intake, enter } = newIntake()
  const first = enter('a')
  enter('a')
  assert.equal(intake.enter('a', 10), 'share')
  enter('b')
  first.leave()
  enter('a')
})

test('Intake gives a place back once, however often it is left', () => {
  const { intake, enter } = newIntake()
  const first = enter('a')
  enter('a')
  first.leave()
  first.leave()
  enter('a')
  assert.equal(intake.enter('a', 10), 'share')
})

test('Intake counts what a caller begins and sends in a second, and begins anew with the next', () => {
  const { intake, enter, passSecond } = newIntake()
  for (let i = 0; i < 4; i++) enter('a').leave()
  assert.equal(intake.enter('a', 10), 'share')
  for (let i = 0; i < 2; i++) enter('b', 100).leave()
  assert.equal(intake.enter('b', 100), 'share')
  passSecond()
  enter('a')
  enter('b', 100)
})

test('Intake is full when all places are taken, or when the bodies announced are too much together', () => {
  const places = newIntake()
  for (const caller of ['a', 'b', 'c', 'd', 'e']) places.enter(caller)
  assert.equal(places.intake.enter('f', 10), 'full')
  const bytes = newIntake()
  for (const caller of ['a', 'b', 'c']) bytes.enter(caller, null)
  assert.equal(bytes.intake.enter('d', 1), 'full')
})

test('Intake keeps nothing of callers that have left', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean())), (steps) => {
      const { intake, enter, passSecond } = newIntake()
      const inside: Place[] = []
      for (const [caller, leave] of steps) {
        const place = intake.enter(caller, 10)
        if (typeof place === 'object') inside.push(place)
        if (leave) inside.pop()?.leave()
      }
      for (const place of inside) place.leave()
      passSecond()
      for (const caller of ['a', 'b', 'c', 'd', 'e']) enter(caller)
      assert.equal(intake.enter('f', 10), 'full')
    }),
  )
})
