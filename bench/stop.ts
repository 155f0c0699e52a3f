/**
 * How long after a stop order is durable a stream still releases something: 100 streams over two workers, three
 * rounds. Run: node bench/stop.ts. Exit code 1 where a piece came more than 500 ms after.
 */
import assert from 'node:assert/strict'
import { initialise, startModel } from '../test/product/model.ts'
import { entriesOf, makeHome, run, start } from '../test/product/program.ts'
import type { Home } from '../test/product/program.ts'
import { streamOn, watchStream } from '../test/product/streams.ts'

const streams = 100
const rounds = 3
const limitMs = 500

const order = async (home: Home, command: 'stop' | 'resume', parties: readonly string[]): Promise<void> => {
  const words = [command, '--agreement', 'sample', '--reason', 'A measurement.']
  const { code, err } = await run(home, [...words, ...parties.flatMap((party) => ['--demo-key', party])])
  assert.equal(code, 0, err)
}

/** The entry's time: when it was given its place in a commit, so a little before it is durable. */
function orderedAt(home: Home): number {
  const last = entriesOf(home).findLast(({ kind }) => kind === 'order')
  assert.ok(last)
  return last.time
}

await using opened = new AsyncDisposableStack()
const home = opened.use(makeHome())
const model = opened.use(await startModel())
model.play = streamOn(20)
const keys = await initialise(home, model.baseUrl)
const program = await start(home, [], { settings: { SERVANDA_WORKERS: '2' } })
opened.defer(() => program.kill())

const after: number[] = []
for (let round = 0; round < rounds; round++) {
  // Two callers: one alone may have 64 calls at once in a worker, and nobody says how they spread.
  const watched = Array.from({ length: streams }, (_, i) =>
    watchStream(program, i % 2 === 0 ? keys.care : keys.secondCare),
  )
  await Promise.all(watched.map(({ begun }) => begun))
  await order(home, 'stop', ['provider'])
  const at = orderedAt(home)
  const seen = await Promise.all(watched.map(({ ended }) => ended))
  for (const { text, lastPieceAt } of seen) {
    assert.match(text, /"id":"system\.order"/)
    after.push(lastPieceAt - at)
  }
  await order(home, 'resume', ['agency', 'provider'])
}
after.sort((a, b) => a - b)
const at = (share: number): string =>
  `${(after[Math.max(Math.ceil(share * after.length) - 1, 0)] ?? NaN).toFixed(1)} ms`
console.log(
  [
    `${streams} streams over two workers, a piece every 20 ms, ${rounds} rounds: the last piece of each stream,`,
    'counted from the time of the order (below zero: none came after it)',
    '',
    '| least | half | 90 % | 99 % | most |',
    '|---|---|---|---|---|',
    `| ${at(0)} | ${at(0.5)} | ${at(0.9)} | ${at(0.99)} | ${at(1)} |`,
  ].join('\n'),
)
process.exitCode = (after.at(-1) ?? Infinity) > limitMs ? 1 : 0
