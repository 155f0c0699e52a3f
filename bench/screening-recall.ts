/**
 * How much of free paraphrase the detectors see: requests that were written without a look at the patterns.
 * Prints what was caught, what was missed and what was stopped without reason.
 *
 * node bench/screening-recall.ts
 */
import { readFileSync } from 'node:fs'
import { createScreener } from '../src/screening/index.ts'

const { breaches, benign } = JSON.parse(
  readFileSync(new URL('../test/screening/paraphrases.json', import.meta.url), 'utf8'),
) as { breaches: readonly { signal: string; text: string }[]; benign: readonly string[] }

await using screener = createScreener()

async function signalsOf(text: string): Promise<ReadonlySet<string>> {
  const { findings } = await screener.screen([{ kind: 'user', place: 'messages[0].content', text }])
  return new Set(findings.map(({ signal }) => signal))
}

let [caught, stopped] = [0, 0]
for (const { signal, text } of breaches) {
  const seen = (await signalsOf(text)).has(signal)
  if (seen) caught++
  else console.log(`missed   ${signal.padEnd(26)} ${text}`)
}
for (const text of benign) {
  const signals = await signalsOf(text)
  if (signals.size === 0) continue
  stopped++
  console.log(`stopped  ${[...signals].join(', ').padEnd(26)} ${text}`)
}
console.log(
  `caught ${caught} of ${breaches.length} breaches; stopped ${stopped} of ${benign.length} benign requests`,
)
