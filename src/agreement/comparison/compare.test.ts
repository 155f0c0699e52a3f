import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decide, requestOf } from '../../decision/index.ts'
import type { Decision } from '../../decision/index.ts'
import { randomFrom } from '../../decision/random.ts'
import type { Agreement } from '../agreement.ts'
import { compareAgreements } from './compare.ts'
import type { ChangedRegion, Comparison, Side } from './comparison.ts'
import { isInBox, smallPair } from './random-pair.fixture.ts'
import type { Situation } from './situation-box.ts'

function decideIn(agreement: Agreement, situation: Situation): Decision {
  const { facts, findings, approvals } = requestOf(agreement, situation)
  return decide(agreement, facts, findings, approvals)
}

function outcomeOf({ verdict, asks }: Pick<Side, 'verdict' | 'asks'>): string {
  return JSON.stringify([verdict, asks])
}

function sideOf(decision: Decision): string {
  return `${decision.citations[0]?.clause ?? ''} ${outcomeOf(decision)}`
}

function heavier(decision: Side): number {
  return { allow: 0, hold: 1, deny: 2 }[decision.verdict]
}

function requireDirection({ change, before, after }: ChangedRegion): void {
  if (heavier(before) !== heavier(after)) {
    assert.equal(change, heavier(after) > heavier(before) ? 'stronger' : 'weaker')
    return
  }
  const more = after.asks.some((level) => !before.asks.includes(level))
  const fewer = before.asks.some((level) => !after.asks.includes(level))
  assert.equal(change, more && fewer ? 'both' : more ? 'stronger' : 'weaker')
}

function requireRegion(region: ChangedRegion, situations: readonly Situation[]): void {
  requireDirection(region)
  assert.ok(region.contains(region.witness))
  assert.ok(isInBox(region.boxes[0] ?? {}, region.witness))
  for (const situation of situations) {
    const boxed = region.boxes.some((box) => isInBox(box, situation))
    const contained = region.contains(situation)
    if (boxed || region.covered) assert.equal(boxed, contained, JSON.stringify(situation))
  }
}

/** Whether a side leaves no more open than another: denies, or asks for all that the other asks for. */
function isAsHeavy(side: Pick<Side, 'verdict' | 'asks'>, other: Pick<Side, 'verdict' | 'asks'>): boolean {
  if (side.verdict === 'deny' || other.verdict === 'deny') return side.verdict === 'deny'
  return other.asks.every((level) => side.asks.includes(level))
}

function requireEssence(
  region: ChangedRegion,
  situation: Situation,
  first: Decision,
  second: Decision,
  contained: boolean,
): void {
  const within = region.essence.some((box) => isInBox(box, situation))
  if (contained && region.told) assert.ok(within, JSON.stringify(situation))
  const [lighter, lighterSide, other, otherSide] =
    region.change === 'weaker'
      ? [second, region.after, first, region.before]
      : [first, region.before, second, region.after]
  if (!within || sideOf(lighter) !== `${lighterSide.clause} ${outcomeOf(lighterSide)}`) return
  assert.ok(isAsHeavy(other, otherSide), JSON.stringify(situation))
  // Where a forbid applies as well, nobody says that nothing was granted.
  if (other.verdict !== otherSide.verdict || otherSide.clause === 'system.no-grant') return
  assert.ok(
    other.citations.some(({ clause }) => clause === otherSide.clause),
    JSON.stringify(situation),
  )
}

function requireExact(before: Agreement, after: Agreement, situations: readonly Situation[]): Comparison {
  const comparison = compareAgreements(before, after)
  let changed = 0
  for (const situation of situations) {
    const [first, second] = [decideIn(before, situation), decideIn(after, situation)]
    const regions = comparison.regions.filter((region) => region.contains(situation))
    const message = JSON.stringify(situation)
    if (outcomeOf(first) === outcomeOf(second)) assert.equal(regions.length, 0, message)
    else {
      changed++
      assert.equal(regions.length, 1, message)
      const [{ before: claimed, after: claimedAfter }] = regions as [ChangedRegion]
      assert.equal(sideOf(first), `${claimed.clause} ${outcomeOf(claimed)}`, message)
      assert.equal(sideOf(second), `${claimedAfter.clause} ${outcomeOf(claimedAfter)}`, message)
    }
    for (const region of comparison.regions) {
      requireEssence(region, situation, first, second, regions.includes(region))
    }
    if (first.verdict !== 'deny' || second.verdict !== 'deny') {
      assert.ok(isInBox(comparison.common, situation), message)
    }
  }
  assert.equal(comparison.regions.length > 0, changed > 0)
  for (const region of comparison.regions) {
    requireRegion(region, situations)
    for (const [agreement, side] of [
      [before, region.before],
      [after, region.after],
    ] as const) {
      const decision = decideIn(agreement, region.witness)
      assert.equal(sideOf(decision), `${side.clause} ${outcomeOf(side)}`)
      assert.equal(decision.citations[0]?.rule, side.rule)
    }
  }
  return comparison
}

test('compareAgreements finds what plain enumeration finds, on pairs with small vocabularies', (t) => {
  let [pairs, situations, regions] = [0, 0, 0]
  fc.assert(
    fc.property(fc.integer({ min: 0 }), (seed) => {
      const pair = smallPair(randomFrom(seed))
      const comparison = requireExact(pair.before, pair.after, pair.situations)
      pairs++
      situations += pair.situations.length
      regions += comparison.regions.length
    }),
    { numRuns: 100 },
  )
  t.diagnostic(`${pairs} pairs, ${situations} situations, ${regions} regions`)
  assert.ok(regions > pairs)
})
