import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startControlStage } from '../api/sample-control.fixture.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import { LevelsWatch } from './levels-watch.ts'

const hour = 60 * 60 * 1000

/** A watch over a real sequencer, whose reviewers a test replaces. */
async function start() {
  const { recorder, clock } = await startControlStage()
  const { reviewers } = await recorder.standing()
  const told: string[] = []
  const take = (): string[] => told.splice(0)
  const enrol = (list: readonly EnrolledReviewer[]) => recorder.note({ kind: 'reviewers', reviewers: list })
  const watched = { recorder, clock, warn: (message: string) => void told.push(message) }
  return { clock, reviewers, take, enrol, watched }
}

const lacksTwo =
  'level `two-person` of `sample` asks 2 persons, and the reviewers lack 1 person: what it holds cannot be approved'

test('LevelsWatch tells at once what has come to be unsatisfiable, and not again until a day is over', async () => {
  const { clock, reviewers, take, enrol, watched } = await start()
  using watch = await LevelsWatch.open(watched)
  await watch.changed()
  assert.deepEqual(take(), [])
  await enrol(reviewers.slice(0, 2))
  await watch.changed()
  assert.deepEqual(take(), [lacksTwo])
  await watch.changed()
  clock.time += 23 * hour
  await watch.tick()
  assert.deepEqual(take(), [])
  clock.time += hour
  await watch.tick()
  assert.deepEqual(take(), [lacksTwo])
  await watch.tick()
  assert.deepEqual(take(), [])
})

test('LevelsWatch tells what was mended and broke again, and every night what was so at its start', async () => {
  const { clock, reviewers, take, enrol, watched } = await start()
  await enrol(reviewers.slice(0, 2))
  using watch = await LevelsWatch.open(watched)
  await watch.changed()
  assert.deepEqual(take(), [], 'whoever enrols tells it')
  clock.time += 24 * hour
  await watch.tick()
  assert.deepEqual(take(), [lacksTwo])
  for (const list of [reviewers, reviewers.slice(0, 2)]) {
    await enrol(list)
    await watch.changed()
  }
  assert.deepEqual(take(), [lacksTwo])
})

test('LevelsWatch says that it could not look, and looks again', async () => {
  const { reviewers, take, enrol, watched } = await start()
  let isBroken = false
  const recorder = {
    standing: () => (isBroken ? Promise.reject(new Error('the disk is full')) : watched.recorder.standing()),
  }
  using watch = await LevelsWatch.open({ ...watched, recorder })
  await enrol(reviewers.slice(0, 2))
  isBroken = true
  await watch.changed()
  assert.deepEqual(take(), ['whether levels can be approved could not be looked at: the disk is full'])
  isBroken = false
  await watch.changed()
  assert.deepEqual(take(), [lacksTwo])
})

test('LevelsWatch says nothing where nobody is enrolled', async () => {
  const { clock, take, enrol, watched } = await start()
  using watch = await LevelsWatch.open(watched)
  await enrol([])
  await watch.changed()
  clock.time += 24 * hour
  await watch.tick()
  assert.deepEqual(take(), [])
})
