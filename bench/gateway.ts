/**
 * The full path of a call, from arrival to durable signed outcome, beside the model itself, a bare proxy and nginx:
 * one model, one load, in turns, so that what else the machine does falls on all. Prints tables.
 *
 * node bench/gateway.ts [--rounds 5] [--seconds 2] [--warm 8] [--streams 20]
 *
 * Load and model are one process on core 0, what is measured is alone on core 1 with all its threads; a provider's
 * gate runs on core 0, beside the load, and is counted apart.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { bareProxy, direct, nginx, servanda, servandaTwice } from './gateway/candidates.ts'
import type { Candidate } from './gateway/candidates.ts'
import { load, quantiles } from './gateway/load.ts'
import type { Turn } from './gateway/load.ts'
import { startModel } from './gateway/model.ts'
import { canPin, cpuSeconds, pin } from './gateway/processes.ts'
import { heldBack, streamOnce } from './gateway/streams.ts'
import type { StreamTimes } from './gateway/streams.ts'
import { format, median, table } from './gateway/table.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    warm: { type: 'string', default: '8' },
    streams: { type: 'string', default: '20' },
  },
})
const [rounds, seconds, warmSeconds, streams] = [
  values.rounds,
  values.seconds,
  values.warm,
  values.streams,
].map(Number) as [number, number, number, number]
const levels = [1, 32]

interface Measured extends Turn {
  /** CPU seconds per 1,000 calls: its own, and that of a gate behind it. */
  readonly cpu: number
  readonly gateCpu: number
}

async function measure({ pid, gatePid, target }: Candidate, atOnce: number): Promise<Measured> {
  const now = (): readonly number[] =>
    [pid, gatePid ?? null].map((one) => (one === null ? NaN : cpuSeconds(one)))
  const before = now()
  const turn = await load(target, atOnce, seconds)
  const [cpu = NaN, gateCpu = NaN] = now().map(
    (after, i) => ((after - (before[i] ?? NaN)) * 1000) / turn.calls,
  )
  return { ...turn, cpu, gateCpu }
}

/** All candidates once, each time beginning with another. */
function inTurns(candidates: readonly Candidate[], round: number): readonly Candidate[] {
  const first = round % candidates.length
  return [...candidates.slice(first), ...candidates.slice(0, first)]
}

/** By level, one for each round. */
type Results = ReadonlyMap<Candidate, readonly Measured[][]>

async function compareCalls(candidates: readonly Candidate[], base: Candidate): Promise<string> {
  const results: Results = new Map(candidates.map((candidate) => [candidate, levels.map(() => [])]))
  for (const { target } of candidates) await load(target, 32, warmSeconds)
  for (let round = 0; round < rounds; round++) {
    for (const [level, atOnce] of levels.entries())
      for (const candidate of inTurns(candidates, round))
        results.get(candidate)?.[level]?.push(await measure(candidate, atOnce))
  }
  const columns = (atOnce: number): string[] => [
    `c=${atOnce}: req/s`,
    'ratio',
    'p50 ms',
    'p99 ms',
    'CPU s/1000',
  ]
  const rows = candidates.map((candidate) => [
    candidate.name,
    ...levels.flatMap((_, level) => cellsOf(results, { candidate, base, level })),
  ])
  return table(['', ...levels.flatMap(columns)], rows)
}

/** Medians over the rounds; the ratio is that of two turns of one round. */
function cellsOf(
  results: Results,
  {
    candidate,
    base,
    level,
  }: { readonly candidate: Candidate; readonly base: Candidate; readonly level: number },
): string[] {
  const turns = results.get(candidate)?.[level] ?? []
  const beside = results.get(base)?.[level] ?? []
  const of = (name: keyof Measured): number => median(turns.map((turn) => turn[name]))
  const ratio = median(turns.map((turn, i) => turn.perSecond / (beside[i]?.perSecond ?? NaN)))
  const gate = Number.isFinite(of('gateCpu')) ? ` + ${format(of('gateCpu'), 3)}` : ''
  return [
    format(of('perSecond')),
    format(ratio, 3),
    format(of('p50'), 2),
    format(of('p99'), 2),
    `${format(of('cpu'), 3)}${gate}`,
  ]
}

async function compareStreams(candidates: readonly Candidate[]): Promise<string> {
  const times = new Map(candidates.map((candidate) => [candidate, [] as StreamTimes[]]))
  // The first turns warm the path of streams.
  const warm = 3
  for (let turn = 0; turn < streams + warm; turn++) {
    for (const candidate of inTurns(candidates, turn)) {
      const gated = candidate.name.startsWith('servanda')
      const one = await streamOnce(model, candidate.target, turn, gated)
      if (turn >= warm) times.get(candidate)?.push(one)
    }
  }
  const both = (numbers: number[]): string[] => {
    const { p50, p99 } = quantiles(numbers)
    return [format(p50, 2), format(p99, 2)]
  }
  return table(
    ['', 'release p50 ms', 'p99 ms', 'end p50 ms', 'p99 ms'],
    candidates.map((candidate) => {
      const all = times.get(candidate) ?? []
      return [
        candidate.name,
        ...both(all.flatMap(({ releases }) => releases)),
        ...both(all.map(({ end }) => end)),
      ]
    }),
  )
}

await using opened = new AsyncDisposableStack()
const model = opened.use(await startModel())
const open = async (candidate: Candidate | null | Promise<Candidate | null>): Promise<Candidate | null> => {
  const one = await candidate
  if (one) opened.use(one)
  return one
}

const bare = await open(bareProxy(model.url))
const web = await open(nginx(model.url))
const full = await open(servanda(model.url))
const twice = await open(servandaTwice(model.url))
if (!bare) throw new Error('the bare proxy did not start')
const candidates = [direct(model.url), web, bare, full, twice].filter((one) => one !== null)
pin(process.pid, '0')
for (const { pid, gatePid } of candidates) {
  if (pid !== null) pin(pid, '1')
  if (gatePid !== undefined) pin(gatePid, '0')
}

console.log(
  `${cpus()[0]?.model ?? ''}, ${cpus().length} cores, Node ${process.versions.node}; ` +
    (canPin
      ? 'load and model on core 0, candidates on core 1'
      : 'nothing is pinned: one core, or no taskset'),
)
console.log(`${rounds} rounds of ${seconds} s in turns; texts of 1 KB, fresh each time; answers of 1 KB`)
if (!web) console.log('nginx: not installed')
console.log(`\n${await compareCalls(candidates, bare)}\n`)
console.log(
  `Streams, one at a time, ${streams} of ${heldBack.length} pieces; held back after a piece: ` +
    `${median(heldBack)} characters (median), ${Math.max(...heldBack)} (most)\n`,
)
console.log(await compareStreams(candidates.filter((one) => one !== web)))
