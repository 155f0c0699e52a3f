/**
 * What screening costs: microseconds per kilobyte of text never seen before, beside JSON.parse of the same
 * bytes, measured in turns in one run so that both meet the same machine. Run: node bench/screening.ts
 */
import { createDetectors } from '../src/screening/detectors.ts'
import { createScreener } from '../src/screening/index.ts'
import { examples, ordinaryWork } from '../src/screening/patterns/sample-requests.ts'

const kilobyte = 1024
const texts = 400
const rounds = 40

/** Texts of one kilobyte out of ordinary requests, no two alike, so that nothing is remembered. */
function makeTexts(change: (text: string) => string): string[] {
  const sentences = [...ordinaryWork, ...Object.values(examples).flatMap(({ benign }) => benign)]
  return Array.from({ length: texts }, (_, index) => {
    let text = `${index}.`
    for (let at = index * 7; text.length < kilobyte; at++)
      text += ` ${sentences[at % sentences.length] ?? ''}`
    return change(text).slice(0, kilobyte)
  })
}

interface Timed {
  readonly name: string
  readonly run: () => unknown
  /** Microseconds per text, one for each round. */
  readonly micros: number[]
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

async function main(): Promise<void> {
  const [detector] = createDetectors([])
  if (detector === undefined) return
  const plain = makeTexts((text) => text)
  const accented = makeTexts((text) => text.replaceAll('e', 'é').replaceAll('o', 'о'))
  const bodies = plain.map((content) => JSON.stringify({ messages: [{ role: 'user', content }] }))
  const judge = (all: readonly string[]) => () => {
    for (const text of all) {
      const session = detector.open()
      session.push(text)
      session.end()
    }
  }
  await using screener = createScreener({ rememberedMax: 0 })
  await using remembering = createScreener()
  const parts = plain.map((text) => [{ kind: 'user' as const, place: 'messages[0].content', text }])
  const timed: Timed[] = [
    { name: 'JSON.parse', run: () => bodies.map((body) => JSON.parse(body) as unknown), micros: [] },
    { name: 'patterns, ASCII', run: judge(plain), micros: [] },
    { name: 'patterns, accents and look-alikes', run: judge(accented), micros: [] },
    { name: 'screen, fresh', run: () => Promise.all(parts.map((part) => screener.screen(part))), micros: [] },
    {
      name: 'screen, remembered',
      run: () => Promise.all(parts.map((part) => remembering.screen(part))),
      micros: [],
    },
  ]
  for (let round = 0; round < rounds; round++) {
    for (const one of timed) {
      const start = performance.now()
      await one.run()
      one.micros.push(((performance.now() - start) * 1000) / texts)
    }
  }
  const base = median(timed[0]?.micros ?? [])
  for (const { name, micros } of timed) {
    const cost = median(micros.slice(rounds / 4))
    console.log(
      `${name.padEnd(36)} ${cost.toFixed(2).padStart(8)} µs/KB   ${(cost / base).toFixed(1)} × JSON.parse`,
    )
  }
}

await main()
