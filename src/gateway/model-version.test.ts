/** Which version of a model a route asks for, and what is kept of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isObject, parseJson } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { openRecord } from '../records/index.ts'
import { runExchange } from './exchange.ts'
import { sampleArrival, sampleStanding, scene, wholeAnswer } from './sample-exchange.fixture.ts'

const models = `
  large: { provider: meridian, name: Meridian/Large, clause: "2" }`
const versions = `
  large-1: { model: large, clause: "2" }
  large-2: { model: large, name: Meridian/Large-2, digest: "sha256:${'0'.repeat(64)}", clause: "2" }`
const routes = (version: string): string => `
  general: { model: large,${version} upstream: "https://model.example", price: { input: 3, output: 0.5 }, outputTokensMax: 4096, clause: "2" }`

/** What the upstream is asked for, the sealed content of the intent, and its entry. */
async function play(lines: Readonly<Record<string, string>>) {
  const on = scene(await sampleStanding({ lines }), () => wholeAnswer({ content: 'Gladly.' }))
  await runExchange(sampleArrival('Hello.'), on.deps, on.reply)
  const [admission] = on.recorder.admissions
  const [sent] = on.sent
  assert.ok(admission && sent, on.reply.text)
  const { exchange, commitments } = admission.leaf
  const place = { origin: 'example.org/log', exchange, step: 'intent' } as const
  const { fields, content } = openRecord(admission.sealed, place, on.deps.recordKey, commitments)
  const body = parseJson(sent.body)
  return {
    asked: memberOf(body, 'model'),
    model: fields.model,
    version: memberOf(content, 'version'),
    leaf: JSON.stringify(admission.leaf),
  }
}

function memberOf(value: Json, name: string): Json | undefined {
  return isObject(value) ? value[name] : undefined
}

const north = `${models}\n  small: { provider: meridian, clause: "2" }\n  north: { provider: borealis, clause: "2" }`
const cases: readonly (readonly [string, Readonly<Record<string, string>>, string, string | undefined])[] = [
  ['no version', { models: north, routes: routes('') }, 'Meridian/Large', undefined],
  ['a version without a name', { models: north, versions, routes: routes(' version: large-1,') }, 'Meridian/Large', 'large-1'],
  ['a version with a name', { models: north, versions, routes: routes(' version: large-2,') }, 'Meridian/Large-2', 'large-2'],
] // prettier-ignore

for (const [what, lines, name, version] of cases) {
  test(`a route with ${what} asks its upstream for \`${name}\`, and only the record says which it was`, async () => {
    const { leaf, ...known } = await play(lines)
    assert.deepEqual(known, { asked: name, model: 'large', version })
    assert.doesNotMatch(leaf, /large-[12]|Large-2/)
  })
}
