/** What keeps the program from starting is said in one clear line, and nothing is changed by it. */
import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { newPrivateKey } from '../../src/base/index.ts'
import { initialise, sampleAgreement, writeAgreement } from './model.ts'
import type { Keys } from './model.ts'
import { audit, makeHome, run, start } from './program.ts'
import type { Home, Settings } from './program.ts'
import { chat, post } from './stage.ts'

const nowhere = 'http://127.0.0.1:9/v1'

describe('a program that was initialised once', () => {
  const home = makeHome()
  let keys: Keys
  before(async () => {
    keys = await initialise(home, nowhere)
  })
  after(() => home[Symbol.dispose]())

  /** A copy that a test may break. */
  function copyOf(t: TestContext): Home {
    const copy = makeHome()
    t.after(() => copy[Symbol.dispose]())
    for (const part of ['data', 'keys', 'guard'] as const) cpSync(home[part], copy[part], { recursive: true })
    return copy
  }

  interface Row {
    readonly name: string
    readonly says: RegExp
    readonly settings?: Settings
    readonly spoil?: (home: Home) => void
  }

  const rows: readonly Row[] = [
    {
      name: 'a setting with a wrong name',
      says: /SERVANDA_PROT is not a setting/,
      settings: { SERVANDA_PROT: '1' },
    },
    { name: 'a port that is none', says: /port must be a whole number/, settings: { SERVANDA_PORT: '0x50' } },
    { name: 'no worker at all', says: /workers must be a whole number/, settings: { SERVANDA_WORKERS: '0' } },
    {
      name: 'a host that is not ours',
      says: /EADDRNOTAVAIL|ENOTFOUND/,
      settings: { SERVANDA_HOST: '192.0.2.1' },
    },
    {
      name: 'the key of another log',
      says: /guard keeps the log/,
      spoil: ({ keys }) =>
        writeFileSync(join(keys, 'log.key'), newPrivateKey().export({ format: 'pem', type: 'pkcs8' })),
    },
    {
      name: 'no log key',
      says: /log\.key cannot be read/,
      spoil: ({ keys }) => rmSync(join(keys, 'log.key')),
    },
    {
      name: 'no record key',
      says: /record\.key cannot be read/,
      spoil: ({ keys }) => rmSync(join(keys, 'record.key')),
    },
    {
      name: 'a record key of another length',
      says: /record\.key cannot be read/,
      spoil: ({ keys }) => writeFileSync(join(keys, 'record.key'), 'c2hvcnQ=\n'),
    },
    {
      name: 'credentials of models that are no texts',
      says: /upstreams\.json cannot be read/,
      spoil: ({ keys }) => writeFileSync(join(keys, 'upstreams.json'), '{"general":1}'),
    },
    {
      name: 'a broken callers file',
      says: /callers\.json: .*not valid JSON/,
      spoil: ({ data }) => writeFileSync(join(data, 'callers.json'), '{'),
    },
    {
      name: 'a callers file with a misspelt member',
      says: /callers\[0\]\.unit: there is no such member/,
      spoil: ({ data }) =>
        writeFileSync(
          join(data, 'callers.json'),
          readFileSync(join(data, 'callers.json'), 'utf8').replace('"units"', '"unit"'),
        ),
    },
    {
      name: 'no callers file',
      says: /servanda init/,
      spoil: ({ data }) => rmSync(join(data, 'callers.json')),
    },
    {
      name: 'a database that is none',
      says: /not a database/,
      spoil: ({ data }) =>
        writeFileSync(join(data, 'recorder.sqlite'), 'This is a text and no database. '.repeat(200)),
    },
    {
      name: 'a database that was lost',
      says: /entries were signed, but only 0 are here/,
      spoil: ({ data }) => rmSync(join(data, 'recorder.sqlite')),
    },
  ]

  for (const workers of ['1', '2']) {
    for (const { name, says, settings = {}, spoil } of rows) {
      test(`does not start with ${name} (${workers} worker(s))`, async (t) => {
        const copy = copyOf(t)
        spoil?.(copy)
        const { code, out, err } = await run(copy, ['serve', '--json'], {
          SERVANDA_WORKERS: workers,
          ...settings,
        })
        assert.equal(code, 2, err)
        assert.equal(out, '')
        assert.match(err, says)
        assert.doesNotMatch(err, /\n\s+at /, 'a message for people, not a trace')
      })
    }

    test(`does not start at a port in use (${workers} worker(s))`, async (t) => {
      const server = createServer().listen(0, '127.0.0.1')
      t.after(() => server.close())
      await new Promise((resolve) => server.once('listening', resolve))
      const port = String((server.address() as AddressInfo).port)
      const settings = { SERVANDA_PORT: port, SERVANDA_WORKERS: workers }
      const { code, err } = await run(copyOf(t), ['serve', '--json'], settings)
      assert.equal(code, 2)
      assert.match(err, /EADDRINUSE/)
    })
  }

  test(
    'does not start where it cannot write',
    { skip: process.getuid?.() === 0 ? 'root writes everywhere' : false },
    async (t) => {
      const copy = copyOf(t)
      chmodSync(copy.data, 0o500)
      const { code, err } = await run(copy, ['serve', '--json'])
      chmodSync(copy.data, 0o700)
      assert.equal(code, 2)
      assert.match(err, /STORE_UNAVAILABLE/)
    },
  )

  test('does not start a second time on the same data, and the first serves on', async (t) => {
    const copy = copyOf(t)
    const first = await start(copy)
    t.after(() => first.kill())
    const { code, err } = await run(copy, ['serve', '--json'])
    assert.equal(code, 2)
    assert.match(err, /STORE_LOCKED: another process works on/)
    const { status } = await post(first, keys.care, chat('Hello.', { model: 'rehearsed' }))
    assert.equal(status, 200)
    assert.equal(await first.stop(), 0)
    await audit(copy)
  })

  test('does not go on with an old copy of its database', async (t) => {
    const copy = copyOf(t)
    const old = join(copy.root, 'old.sqlite')
    copyFileSync(join(copy.data, 'recorder.sqlite'), old)
    const program = await start(copy)
    t.after(() => program.kill())
    assert.equal((await post(program, keys.care, chat('Hello.', { model: 'rehearsed' }))).status, 200)
    assert.equal(await program.stop(), 0)
    for (const end of ['', '-wal', '-shm']) rmSync(join(copy.data, `recorder.sqlite${end}`), { force: true })
    copyFileSync(old, join(copy.data, 'recorder.sqlite'))
    const { code, err } = await run(copy, ['serve', '--json'])
    assert.equal(code, 2)
    assert.match(err, /an old copy must not go on/)
  })
})

describe('init', () => {
  const refused = async (args: (home: Home) => readonly string[]): Promise<string> => {
    using home = makeHome()
    const { code, err } = await run(home, ['init', ...args(home)])
    assert.equal(code, 2, err)
    return err
  }
  const text = sampleAgreement(nowhere)

  test('names every mistake of a broken agreement with its line', async () => {
    const err = await refused((home) => {
      const broken = text.replace('"two-person")', '"two-persons")').replace('surfaces:', 'surface:')
      const { agreement, callers } = writeAgreement(home, broken)
      return ['--demo', '--callers', callers, agreement]
    })
    assert.match(err, /sample\.md:\d+:\d+: AGREEMENT_UNKNOWN_KEY/)
  })

  test('refuses an agreement that nobody signed', async () => {
    const err = await refused((home) => {
      const { agreement, callers } = writeAgreement(home, text)
      return ['--callers', callers, agreement]
    })
    assert.match(err, /it is not signed/)
  })

  test('refuses files that are not there', async () => {
    assert.match(
      await refused(({ root }) => ['--demo', '--callers', join(root, 'none'), join(root, 'none')]),
      /ENOENT/,
    )
  })

  test('overwrites nothing', async (t) => {
    using home = makeHome()
    await initialise(home, nowhere)
    const before = readFileSync(join(home.keys, 'log.key'))
    const { agreement, callers } = writeAgreement(home, text)
    const { code, err } = await run(home, ['init', '--demo', '--callers', callers, agreement])
    assert.equal(code, 2)
    assert.match(err, /INIT_EXISTS/)
    assert.deepEqual(readFileSync(join(home.keys, 'log.key')), before)
    t.diagnostic(err.trim())
  })

  test('leaves a program that serves nothing until it is initialised', async () => {
    using home = makeHome()
    mkdirSync(home.data)
    const { code, err } = await run(home, ['serve'])
    assert.equal(code, 2)
    assert.match(err, /servanda init/)
  })
})
