/** The README's commands do what it shows: the two scripts exist, and the example replays from request to proof. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { goVerifier } from './interop/go-verifier.ts'
import { assertShown, commandsOf, lacking, runAll, startDemo } from './replay.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

test('the two commands of the README are scripts of the package', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const name of ['start', 'test']) {
    assert.match(readme, new RegExp(`^npm ci && npm ${name}$`, 'm'))
    assert.ok(scripts[name])
  }
})

test('the README example gives the output that is shown', { skip: lacking('curl') }, async (t) => {
  const go = await goVerifier()
  const commands = commandsOf(readme)
  const met = await runAll(commands, await startDemo(t))
  for (const [i, command] of commands.entries()) {
    const needsGo = command.line.includes('verify-evidence')
    const skip = needsGo && 'absent' in go ? go.absent : false
    await t.test(command.line, { skip }, () => assertShown(command, met[i]))
  }
})
