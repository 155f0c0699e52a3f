import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { signStatement, statementOf } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { demoKey, signerFromKey } from '../base/index.ts'
import { exportAgreement } from './export.ts'
import { runCommand } from './people.fixture.ts'

const home = await mkdtemp(join(tmpdir(), 'servanda-export-'))
after(() => rm(home, { recursive: true }))

let places = 0
const place = (end = ''): string => join(home, `place-${(places += 1)}${end}`)
const run = (...args: readonly string[]) => runCommand(exportAgreement, args)

async function fileOf(text: string): Promise<string> {
  const file = place()
  await writeFile(file, text)
  return file
}

const first = requireAgreement(sampleText())
const second = requireAgreement(sampleText({ version: 2, previous: first.hash }))
const [v1, v2] = [await fileOf(first.text), await fileOf(second.text)]

async function signaturesOf(agreement: typeof first): Promise<string> {
  const statement = statementOf(agreement, Date.parse('2026-04-01T00:00:00Z'))
  return fileOf(JSON.stringify(await signStatement(statement, [signerFromKey(demoKey('sample/agency'))])))
}
const [signatures1, signatures2] = [await signaturesOf(first), await signaturesOf(second)]

test('export cedar writes three files into a directory that it makes', async () => {
  const out = join(place(), 'deep')
  const { code, out: told, err } = await run('cedar', v1, '--out', out)
  assert.deepEqual([code, err], [0, ''])
  assert.equal(told, `${out}: sample version 1, ${first.hash}\n`)
  assert.deepEqual((await readdir(out)).sort(), ['entities.json', 'policies.cedar', 'schema.cedarschema'])
  assert.equal(await readFile(join(out, 'schema.cedarschema'), 'utf8'), first.cedar.schema)
})

test('export cedar writes nothing where one of its files is there', async () => {
  for (const name of ['entities.json', 'policies.cedar', 'schema.cedarschema']) {
    const out = await mkdtemp(join(home, 'there-'))
    await writeFile(join(out, name), 'of before')
    const { code, err } = await run('cedar', v1, '--out', out)
    assert.equal(code, 2)
    assert.match(err, /CLI_FILE: .* is there already, so nothing was written/)
    assert.deepEqual(await readdir(out), [name])
    assert.equal(await readFile(join(out, name), 'utf8'), 'of before')
  }
})

test('export html writes one page, and none over another', async () => {
  const out = place('.html')
  const { code, out: told } = await run('html', v1, '--out', out, '--json')
  assert.equal(code, 0)
  assert.deepEqual(JSON.parse(told), { form: 'html', out, agreement: 'sample', version: 1, hash: first.hash })
  const page = await readFile(out, 'utf8')
  assert.match(page, /^<!doctype html>\n<html lang="en">/)
  const again = await run('html', v2, '--out', out)
  assert.equal(again.code, 2)
  assert.match(again.err, /CLI_FILE: .*it is there already and was left as it is/)
  assert.equal(await readFile(out, 'utf8'), page)
})

test('export html shows signatures, those of an amendment beside the version before', async () => {
  const out = [place('.html'), place('.html')] as const
  assert.equal((await run('html', v1, '--signatures', signatures1, '--out', out[0])).code, 0)
  assert.match(await readFile(out[0], 'utf8'), /There: 0\. MISSING: 1\./)
  const amended = await run('html', v2, '--signatures', signatures2, '--previous', v1, '--out', out[1])
  assert.equal(amended.code, 0, amended.err)
  assert.match(await readFile(out[1], 'utf8'), /<h3>Under version 1<\/h3>[^]*<h3>Under version 2<\/h3>/)
})

test('export writes nothing where it is told anything that does not fit', async () => {
  const broken = await fileOf(first.text.replace('Unit::"department"', 'Unit::"departmnt"'))
  const noJson = await fileOf('{')
  const noEnvelope = await fileOf('{}')
  for (const [args, expected] of [
    [['html', v1, v2], /CLI_USAGE: `\S+` is more than it takes/],
    [['pdf', v1], /CLI_USAGE: `pdf` is neither cedar nor html/],
    [['cedar', v1, '--signatures', signatures1], /CLI_USAGE: --signatures goes with `html` alone/],
    [['html', v1, '--previous', v1], /CLI_USAGE: --previous goes with --signatures alone/],
    [['html', broken], /CLI_FILE: .* is no agreement: run `servanda check` on it/],
    [['cedar', broken], /CLI_FILE: .* is no agreement/],
    [['html', join(home, 'absent')], /CLI_FILE: .*there is no such file/],
    [['html', v1, '--signatures', join(home, 'absent')], /CLI_FILE: .*there is no such file/],
    [['html', v1, '--signatures', noJson], /CLI_FILE: .*not valid JSON/],
    [['html', v1, '--signatures', noEnvelope], /ENVELOPE_MALFORMED/],
    [['html', v1, '--signatures', signatures2], /ENVELOPE_STATEMENT/],
    [['html', v2, '--signatures', signatures2], /ENVELOPE_PREVIOUS/],
    [['html', v2, '--signatures', signatures2, '--previous', v2], /SUCCESSOR_/],
  ] as const) {
    const out = place()
    const { code, out: told, err } = await run(...args, '--out', out)
    assert.deepEqual([code, told], [2, ''], err)
    assert.match(err, expected)
    assert.ok(!existsSync(out), err)
  }
})
