/** `servanda dispute` at the command line, and at the control socket behind it. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { sampleAgreement } from '../oversight/sample-hold.fixture.ts'
import { dispute } from './dispute.ts'
import { runCommand, startPeople } from './people.fixture.ts'
import type { People } from './people.fixture.ts'

let people: People
let file: string
let reading: string
beforeEach(async () => {
  people = await startPeople()
  file = join(people.home, 'agreement.md')
  reading = join(people.home, 'reading.cedar')
  await writeFile(file, sampleAgreement.text)
  await writeFile(
    reading,
    'forbid (principal, action, resource) when { context.consumer == Consumer::"batch" };\n',
  )
})
afterEach(() => people[Symbol.asyncDispose]())

const why = ['--reason', 'The prose speaks of every batch.']
const disputesOf = async (): Promise<readonly { id: string; clause: string }[]> => {
  const { body } = await people.stage.ask({ method: 'GET', path: '/v1/standing' })
  return (body['agreements'] as { disputes: { id: string; clause: string }[] }[])[0]!.disputes
}

test('dispute takes the key of one party, and says whose reading acts from which entry on', async () => {
  const key = await people.keyFile('sample/provider')
  const args = [file, '--clause', '4.1', '--reading', reading, ...why, '--key', key, ...people.socket]
  const { code, out, err } = await runCommand(dispute, args)
  assert.deepEqual([code, err], [0, ''])
  assert.match(out, /^dispute about clause 4\.1 of `sample` opened, entry \d+, signed by provider/)
  assert.deepEqual(
    (await disputesOf()).map(({ clause }) => clause),
    ['4.1'],
  )
})

test('dispute by a stranger, about no clause, or without effect is refused and nothing is written', async () => {
  const [stranger, agency] = [await people.keyFile('stranger'), await people.keyFile('sample/agency')]
  const wrong: readonly [args: readonly string[], code: number, message: RegExp][] = [
    [[file, '--clause', '3', ...why, '--key', stranger], 1, /ENVELOPE_SIGNATURES/],
    [[file, '--clause', '9', ...why, '--key', agency], 2, /DISPUTE_FALSE: .*no clause 9/],
    [[file, '--clause', '4.1', ...why, '--key', agency], 2, /DISPUTE_FALSE: .*a reading must say/],
    [[file, '--clause', '4.1', '--key', agency], 2, /CLI_USAGE/],
    [[file, '--clause', '4.1', ...why], 2, /CLI_USAGE/],
  ]
  for (const [args, code, message] of wrong) {
    const met = await runCommand(dispute, [...args, ...people.socket])
    assert.equal(met.code, code, met.err)
    assert.match(met.err, message)
  }
  assert.deepEqual(await disputesOf(), [])
})

test('a dispute is handed on as a file, is opened once, and its reason must be the one that was signed', async () => {
  const out = join(people.home, 'dispute.json')
  const written = await runCommand(dispute, [
    file,
    '--clause',
    '3',
    ...why,
    '--demo-key',
    'agency',
    '--out',
    out,
  ])
  assert.equal(written.code, 0, written.err)
  assert.match(written.out, /not opened yet/)
  const text = await readFile(out, 'utf8')
  await writeFile(out, text.replace('every batch', 'no batch'))
  assert.match((await runCommand(dispute, ['--signed', out, ...people.socket])).err, /CONTROL_REQUEST/)
  await writeFile(out, text)
  assert.equal((await runCommand(dispute, ['--signed', out, ...people.socket])).code, 0)
  const again = await runCommand(dispute, ['--signed', out, ...people.socket])
  assert.equal(again.code, 1)
  assert.match(again.err, /RECORDER_CONFLICT/)
  assert.equal((await disputesOf()).length, 1)
})
