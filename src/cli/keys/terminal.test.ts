/** The prompt at a terminal that is one: the program under `script`, which gives it a pseudo-terminal. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const home = mkdtempSync(join(tmpdir(), 'servanda-terminal-'))
after(() => rmSync(home, { recursive: true }))
const main = join(import.meta.dirname, '../../main.ts')
const passphrase = 'correct horse battery staple'

// That of BSD takes other arguments.
const hasScript = /util-linux/.test(String(spawnSync('script', ['--version']).stdout))
const skip = hasScript ? false : 'no `script` of util-linux here: NOT tested at a terminal'

/** Answers each prompt in its turn, and gives all that the terminal showed. */
async function atTerminal(
  args: readonly string[],
  answers: readonly (readonly [prompt: string, typed: string])[],
) {
  const line = [process.execPath, main, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'])
  const ended = once(child, 'close') as Promise<[number | null]>
  let shown = ''
  const left = [...answers]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    const [next] = left
    if (next === undefined || !shown.includes(next[0])) return
    left.shift()
    child.stdin.write(next[1])
  })
  const [code] = await ended
  return { code, shown, unasked: left.length }
}

const twice = (typed: string): [string, string][] => [
  ['passphrase for the new key: ', typed],
  ['the same again: ', typed],
]

test('a passphrase is asked for at the terminal and not shown', { skip }, async () => {
  const file = join(home, 'me.key')
  const made = await atTerminal(['key', 'new', '--out', file], twice(`${passphrase}\r`))
  assert.deepEqual([made.code, made.unasked], [0, 0], made.shown)
  assert.ok(!made.shown.includes('horse'), made.shown)
  const told = await atTerminal(['key', 'public', file], [[`passphrase of ${file}: `, `${passphrase}\r`]])
  assert.equal(told.code, 0, told.shown)
  assert.ok(!told.shown.includes('horse'), told.shown)
  const publicKey = made.shown.trim().split(/\s+/).at(-1) ?? ''
  assert.match(publicKey, /^[A-Za-z0-9+/]{43}=$/)
  assert.ok(told.shown.trimEnd().endsWith(publicKey), told.shown)
})

test('what is typed at the terminal can be corrected before it is entered', { skip }, async () => {
  const file = join(home, 'corrected.key')
  const typed = `${passphrase}xy\u007f\u007f\r`
  assert.equal((await atTerminal(['key', 'new', '--out', file], twice(typed))).code, 0)
  const from = join(home, 'passphrase')
  writeFileSync(from, passphrase, { mode: 0o600 })
  const read = spawnSync(process.execPath, [main, 'key', 'public', file, '--passphrase-file', from])
  assert.equal(read.status, 0, read.stderr.toString())
})

test('whoever breaks off at the prompt leaves nothing behind', { skip }, async () => {
  for (const key of ['\u0003', '\u0004']) {
    const file = join(home, 'broken-off.key')
    const { code, shown } = await atTerminal(
      ['key', 'new', '--out', file],
      [['passphrase for the new key: ', `corr${key === '\u0003' ? key : `\u0015${key}`}`]],
    )
    assert.equal(code, 2, shown)
    assert.match(shown, /CLI_PASSPHRASE: no passphrase was given/)
    assert.ok(!existsSync(file))
  }
})

test('without a terminal nobody is asked and nothing is written', () => {
  const file = join(home, 'nobody.key')
  const { status, stderr } = spawnSync(process.execPath, [main, 'key', 'new', '--out', file], {
    input: `${passphrase}\n`,
  })
  assert.equal(status, 2)
  assert.match(stderr.toString(), /CLI_PASSPHRASE: a new key is encrypted, and here is no terminal/)
  assert.ok(!existsSync(file))
})
