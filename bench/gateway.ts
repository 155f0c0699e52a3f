/**
 * The full path of a call, from arrival to durable outcome, beside a proxy that only carries JSON: same upstream,
 * same client, in turns, so that what else the machine does falls on both. Prints both rates and their ratio.
 *
 * node bench/gateway.ts [rounds] [seconds per turn]
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { sampleAgreement, writeAgreement } from '../test/product/model.ts'
import { makeHome, run, start } from '../test/product/program.ts'
import type { Home } from '../test/product/program.ts'

const concurrency = 32
const rounds = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 4)
const filler = 'The convoy of supplies reached the depot on time and was unloaded. '.repeat(14)

const answer = JSON.stringify({
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Gladly.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 250, completion_tokens: 2, total_tokens: 252 },
})

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Takes everything and says the same each time. */
const model = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
  })
})

/** What is left of a gateway that judges and records nothing: it parses JSON and writes it on. */
function proxyTo(upstream: string): ReturnType<typeof createServer> {
  const pool = new Pool(upstream, { connections: concurrency })
  return createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()))
      const headers = { 'content-type': 'application/json' }
      pool.dispatch(
        { method: 'POST', path: '/v1/chat/completions', headers, body },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_, status) => void response.writeHead(status, headers),
          onResponseData: (_, chunk) => void response.write(chunk),
          onResponseEnd: () => void response.end(),
          onResponseError: () => void response.destroy(),
        },
      )
    })
  })
}

/** As many callers as call at once, for each may make only so many calls in a second. Gives their keys. */
async function initialiseMany(home: Home, baseUrl: string): Promise<readonly string[]> {
  const files = writeAgreement(home, sampleAgreement(baseUrl))
  const [clerk] = JSON.parse(readFileSync(files.callers, 'utf8')) as readonly object[]
  const clerks = Array.from({ length: concurrency }, (_, i) => ({ ...clerk, id: `clerk-${i}` }))
  writeFileSync(files.callers, JSON.stringify(clerks))
  const args = ['init', '--json', '--demo', '--callers', files.callers, files.agreement]
  const { out } = await run(home, args)
  return Object.values((JSON.parse(out) as { callers: Record<string, string> }).callers)
}

/** Calls per second at `url`, each with a text that nobody has seen before. */
async function measure(url: string, keys: readonly string[]): Promise<number> {
  const pool = new Pool(url, { connections: concurrency })
  const end = performance.now() + seconds * 1000
  let calls = 0
  const caller = async (key: string): Promise<void> => {
    while (performance.now() < end) {
      const messages = [{ role: 'user', content: `${randomUUID()} ${filler}` }]
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ model: 'general', messages }),
      })
      await body.dump()
      if (statusCode !== 200) throw new Error(`the answer has status ${statusCode}`)
      calls++
    }
  }
  await Promise.all(keys.map(caller))
  await pool.close()
  return calls / seconds
}

using home = makeHome()
const upstream = await listen(model)
const proxy = proxyTo(upstream)
const proxyUrl = await listen(proxy)
const keys = await initialiseMany(home, `${upstream}/v1`)
const program = await start(home)
const rates = { servanda: [] as number[], proxy: [] as number[] }
for (let round = 0; round < rounds; round++) {
  rates.proxy.push(await measure(proxyUrl, keys))
  rates.servanda.push(await measure(program.url, keys))
}
const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
const [full, bare] = [median(rates.servanda), median(rates.proxy)]
console.log(`calls/s, ${concurrency} at once, fresh texts of 1 KB: servanda ${full}, bare proxy ${bare}`)
console.log(`ratio ${(full / bare).toFixed(3)}`)
await program.stop()
for (const server of [model, proxy]) {
  server.close()
  server.closeAllConnections()
}
