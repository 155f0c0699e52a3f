import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { SettingsError, gateOf, readSettings } from './settings.ts'

function file(t: TestContext, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'servanda-settings-'))
  t.after(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'settings.json'), text)
  return join(directory, 'settings.json')
}

test('readSettings has a default for everything, on this machine only', () => {
  const settings = readSettings({ PATH: '/bin' })
  assert.deepEqual(
    [settings.port, settings.host, settings.workers, settings.origin],
    [8420, '127.0.0.1', 1, null],
  )
  assert.equal(settings.data, resolve('.servanda/data'))
})

test('readSettings has other places and another port for a provider’s gate, and takes its role from nobody', () => {
  const { role, port, data, keys, guard, gates, agencyVkey } = readSettings({}, 'gate')
  assert.deepEqual([role, port, gates, agencyVkey], ['gate', 8421, null, null])
  assert.deepEqual(
    [data, keys, guard],
    ['data', 'keys', 'guard'].map((name) => resolve('.servanda/gate', name)),
  )
  assert.throws(() => readSettings({ SERVANDA_ROLE: 'gate' }), SettingsError)
})

test('readSettings reads one gate for all providers, or one for each that has one', (t) => {
  const one = readSettings({ SERVANDA_GATES: 'http://gate.internal:8421' }).gates
  assert.deepEqual(
    [gateOf(one, 'meridian'), gateOf(one, 'borealis')],
    ['http://gate.internal:8421', 'http://gate.internal:8421'],
  )
  const path = file(t, '{"gates":"meridian=https://m.internal/gate, borealis=http://b.internal"}')
  const each = readSettings({ SERVANDA_SETTINGS: path }).gates
  assert.deepEqual(
    ['meridian', 'borealis', 'other', 'constructor'].map((provider) => gateOf(each, provider)),
    ['https://m.internal/gate', 'http://b.internal', null, null],
  )
  assert.equal(gateOf(readSettings({}).gates, 'meridian'), null)
})

test('readSettings lets the environment win over the file', (t) => {
  const path = file(t, '{"port":1,"workers":3}')
  const { port, workers } = readSettings({ SERVANDA_SETTINGS: path, SERVANDA_PORT: '2' })
  assert.deepEqual([port, workers], [2, 3])
})

const wrong: readonly (readonly [Record<string, string>, RegExp])[] = [
  [{ SERVANDA_PROT: '1' }, /SERVANDA_PROT is not a setting/],
  [{ SERVANDA_WORKER_SETTINGS: '{}' }, /SERVANDA_WORKER_SETTINGS is not a setting/],
  ...['', ' ', '-1', '65536', '1.5', '1e3', '0x50', 'x'].map(
    (port) => [{ SERVANDA_PORT: port }, /port must be/] as const,
  ),
  [{ SERVANDA_WORKERS: '0' }, /workers must be/],
  [{ SERVANDA_WORKERS: '65' }, /workers must be/],
  [{ SERVANDA_HOST: '' }, /host must be/],
  [{ SERVANDA_ORIGIN: '' }, /origin must be/],
  ...[
    'gate.internal',
    'ftp://gate.internal',
    'http://user@gate.internal',
    'http://gate.internal?a',
    '=http://gate.internal',
    'meridian=',
    'meridian=gate.internal',
    'meridian=http://a.internal,meridian=http://b.internal',
    'meridian=http://a.internal,',
    'http://a.internal,http://b.internal',
  ].map((gates) => [{ SERVANDA_GATES: gates }, /gates must be/] as const),
  [{ SERVANDA_KEYS: '.servanda/data/keys' }, /keys .* must lie apart/],
  [{ SERVANDA_GUARD: '.servanda/data' }, /guard .* must lie apart/],
  [{ SERVANDA_DATA: '.servanda' }, /must lie apart/],
  [{ SERVANDA_SETTINGS: '/nowhere.json' }, /nowhere\.json cannot be read/],
]
for (const [environment, message] of wrong) {
  test(`readSettings refuses ${JSON.stringify(environment)}`, () => {
    assert.throws(
      () => readSettings(environment),
      (error) => error instanceof SettingsError && message.test(error.message),
    )
  })
}

test('readSettings refuses keys or a guard that a link leads into the data, or the data into them', (t) => {
  const directory = join(file(t, '{}'), '..')
  const at = (name: string): string => join(directory, name)
  mkdirSync(at('data'))
  mkdirSync(at('apart'))
  symlinkSync(at('data'), at('link'))
  symlinkSync('later', at('early'))
  const given = { SERVANDA_DATA: at('data'), SERVANDA_KEYS: at('keys'), SERVANDA_GUARD: at('guard') }
  readSettings({ ...given, SERVANDA_KEYS: at('apart/keys') })
  const meeting = [
    { SERVANDA_KEYS: at('link') },
    { SERVANDA_KEYS: at('link/not/yet/there') },
    { SERVANDA_GUARD: at('link/guard') },
    { SERVANDA_DATA: at('link/inner'), SERVANDA_GUARD: at('data') },
    { SERVANDA_KEYS: at('early'), SERVANDA_DATA: at('later') },
    { SERVANDA_KEYS: '/' },
  ]
  for (const places of meeting) {
    assert.throws(() => readSettings({ ...given, ...places }), {
      code: 'SETTINGS_INVALID',
      message: /must lie apart/,
    })
  }
})

test('readSettings names everything that is wrong at once', (t) => {
  const path = file(t, '{"prot":1,"host":7}')
  assert.throws(
    () => readSettings({ SERVANDA_SETTINGS: path, SERVANDA_PORT: 'x', SERVANDA_X: '1' }),
    (error) => error instanceof SettingsError && error.message.split('\n').length === 4,
  )
})
