/** A dispute: one party holds a clause to say more than its rules, and from then on the stricter reading acts. */
import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sampleAgreement, say } from './model.ts'
import { audit, entriesOf, run, start } from './program.ts'
import { chat, openStage, post } from './stage.ts'
import type { Stage } from './stage.ts'
import { streamOn, watchStream } from './streams.ts'

describe('a dispute about the grants, with 2 workers', () => {
  let stage: Stage
  let file: string
  before(async () => {
    stage = await openStage('2')
    file = join(stage.home.root, 'disputed.md')
    writeFileSync(file, sampleAgreement(stage.model.baseUrl))
  })
  after(() => stage[Symbol.asyncDispose]())

  const open = (clause: string, ...rest: readonly string[]) =>
    run(stage.home, [
      ...['dispute', file, '--clause', clause, '--reason', 'Prose and rule part.'],
      ...['--demo-key', 'provider', ...rest],
    ])

  test('ends what runs and refuses what comes, citing that nothing grants it', async () => {
    const { model, program, keys, home } = stage
    model.play = streamOn(50)
    const streams = Array.from({ length: 10 }, () => watchStream(program, keys.care))
    await Promise.all(streams.map(({ begun }) => begun))
    const opened = await open('3')
    assert.equal(opened.code, 0, opened.err)
    for (const { text } of await Promise.all(streams.map(({ ended }) => ended))) {
      assert.ok(!text.includes('[DONE]'), 'a stream that was granted before goes on')
      assert.match(text, /"code":/)
    }
    model.play = say('Gladly.')
    const refused = await Promise.all(
      Array.from({ length: 20 }, () => post(program, keys.care, chat('Hello.'))),
    )
    for (const { status, text } of refused) {
      assert.equal(status, 403, text)
      assert.match(text, /system\.no-grant/)
    }
    assert.equal(entriesOf(home).filter(({ kind }) => kind === 'dispute').length, 1)
  })

  test('outlives the program, and verify finds who opened it', async () => {
    const { home, keys, program } = stage
    await program.kill()
    const again = await start(home, [], { settings: { SERVANDA_WORKERS: '2' } })
    try {
      assert.equal((await post(again, keys.care, chat('Hello.'))).status, 403)
      assert.equal(await again.stop(), 0)
    } finally {
      await again.kill()
    }
    assert.deepEqual((await audit(home)).openIntents, [])
    const evidence = join(home.data, 'evidence')
    assert.ok(readdirSync(evidence).length > 0)
    const verified = await run(home, ['verify', evidence, '--agreements', file])
    assert.equal(verified.code, 0, verified.out + verified.err)
    assert.match(verified.out, /clause 3/)
  })
})
