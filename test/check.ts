/**
 * What `npm run check` runs: types, lint, form, direction of the rooms, dead code, and then every test, whose
 * closing lines come last. The cheap steps all run, so that one run names everything that is wrong.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const nodeMajorMin = 24
const root = fileURLToPath(new URL('..', import.meta.url))

interface Step {
  readonly name: string
  /** Arguments of `node`: the tools are run as files, so that all of them use this very Node. */
  readonly args: readonly string[]
}

const sources = ['src', 'test', 'examples', 'bench'].filter((folder) => existsSync(`${root}${folder}`))

const cheapSteps: readonly Step[] = [
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '--noEmit'] },
  { name: 'lint', args: ['node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.'] },
  { name: 'form', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'] },
  {
    name: 'rooms',
    args: [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      ...['--config', '.dependency-cruiser.cjs', ...sources],
    ],
  },
  { name: 'dead code', args: ['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'] },
]

const testFiles = ['src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts']

function run(args: readonly string[]): boolean {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0
}

function runCheap({ name, args }: Step): boolean {
  const start = performance.now()
  const passed = run(args)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${passed ? 'passed' : 'FAILED'}: ${name} (${seconds} s)`)
  return passed
}

function runTests(): boolean {
  const files = testFiles.flatMap((pattern) => globSync(pattern, { cwd: root })).sort()
  console.log(`tests: ${files.length} files`)
  return run(['--test', '--test-reporter=spec', '--test-concurrency=2', '--test-timeout=300000', ...files])
}

function check(): boolean {
  console.log(`Node ${process.version} (${process.execPath})`)
  if (Number(process.versions.node.split('.')[0]) < nodeMajorMin) {
    console.error(
      `Node ${nodeMajorMin} or newer is needed. On Linux, Windows and macOS on x64, and on Linux on arm64, ` +
        '`npm ci` brings it along and npm scripts use it; elsewhere install it first.',
    )
    return false
  }
  const failed = cheapSteps.filter((step) => !runCheap(step)).map(({ name }) => name)
  if (failed.length > 0) console.log(`FAILED so far: ${failed.join(', ')}; now the tests`)
  return runTests() && failed.length === 0
}

process.exitCode = check() ? 0 : 1
