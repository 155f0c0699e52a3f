import assert from 'node:assert/strict'
import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { demoKey, signerFromKey, utf8 } from '../base/index.ts'
import { leafHash, openGuard, signCheckpoint } from './index.ts'

const signer = signerFromKey(demoKey('guard test'))
const noteAt = (size: number, seed = 'root', origin = 'log.example/one') =>
  signCheckpoint({ origin, size, root: leafHash(utf8(`${seed} ${size}`)) }, signer)

async function newGuard() {
  const directory = join(await mkdtemp(join(tmpdir(), 'servanda-guard-')), 'a/b')
  return { directory, guard: await openGuard(directory) }
}

test('advance keeps the newest checkpoint, also for whoever opens the guard next', async () => {
  const { directory, guard } = await newGuard()
  assert.equal(await guard.last(), null)
  const [first, second] = [await noteAt(1), await noteAt(5)]
  await guard.advance(null, first)
  await guard.advance(first, second)
  await guard.advance(second, second)
  assert.equal(await (await openGuard(directory)).last(), second)
  assert.deepEqual(await readdir(directory), ['last-signed'])
})

test('advance refuses a caller whose last checkpoint is not the last one', async () => {
  const { guard } = await newGuard()
  const [first, second, third] = [await noteAt(1), await noteAt(2), await noteAt(3)]
  await assert.rejects(guard.advance(first, second), { code: 'LEDGER_GUARD_CONFLICT' })
  await guard.advance(null, first)
  await guard.advance(first, second)
  for (const stale of [null, first]) {
    await assert.rejects(guard.advance(stale, third), { code: 'LEDGER_GUARD_CONFLICT' })
  }
  assert.equal(await guard.last(), second)
})

test('advance refuses to go backwards and to fork', async () => {
  const { guard } = await newGuard()
  const held = await noteAt(5)
  await guard.advance(null, held)
  await assert.rejects(guard.advance(held, await noteAt(4)), { code: 'LEDGER_GUARD_BACKWARDS' })
  await assert.rejects(guard.advance(held, await noteAt(5, 'other')), { code: 'LEDGER_GUARD_FORK' })
  await assert.rejects(guard.advance(held, await noteAt(9, 'root', 'log.example/two')), {
    code: 'LEDGER_GUARD_FORK',
  })
  await assert.rejects(guard.advance(held, 'no checkpoint'), { code: 'LEDGER_NOTE' })
  assert.equal(await guard.last(), held)
})

test('of two that advance at once from the same checkpoint one is refused', async () => {
  const { guard } = await newGuard()
  const outcomes = await Promise.allSettled([
    guard.advance(null, await noteAt(1)),
    guard.advance(null, await noteAt(2)),
  ])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  )
})

test('a damaged guard is unreadable, never empty', async () => {
  const { directory, guard } = await newGuard()
  await guard.advance(null, await noteAt(1))
  const path = join(directory, 'last-signed')
  for (const damaged of [Buffer.alloc(0), (await readFile(path)).subarray(0, 20), Buffer.from([0xff])]) {
    await writeFile(path, damaged)
    await assert.rejects(guard.last(), { code: 'LEDGER_GUARD_UNREADABLE' })
    await assert.rejects(guard.advance(null, await noteAt(2)), { code: 'LEDGER_GUARD_UNREADABLE' })
  }
})

test('what a crash left beside the guard is ignored and replaced', async () => {
  const { directory, guard } = await newGuard()
  await writeFile(join(directory, 'last-signed.tmp'), 'half a no')
  assert.equal(await guard.last(), null)
  await guard.advance(null, await noteAt(1))
  assert.deepEqual(await readdir(directory), ['last-signed'])
})
