import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sampleText } from '../agreement/sample-agreement.ts'
import { reviewers } from '../api/sample-control.fixture.ts'
import { check } from './check.ts'
import { runCommand } from './people.fixture.ts'

const directory = mkdtempSync(join(tmpdir(), 'servanda-check-reviewers-'))
after(() => rmSync(directory, { recursive: true }))

function fileOf(name: string, content: string): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

/** Its rules ask counsel together with somebody of the clinic, and one official. */
const agreement = fileOf(
  'agreement.md',
  sampleText({
    lines: {
      roles: '{ counsel: { clause: "2" }, reviewers: { clause: "2" } }',
      levels: `
  two-person: { quorum: "one of counsel and one of reviewers of clinic", clause: "2" }
  official: { clause: "2" }`,
    },
  }),
)
const [ada, , ben, cleo] = reviewers
const counsel = { ...ada!, roles: ['counsel'] }
const nurse = { ...ben!, roles: ['reviewers'], unit: 'ward' }
const listOf = (...list: readonly unknown[]): string => fileOf('reviewers.json', JSON.stringify(list))

test('check says whom the levels lack among the reviewers of a file, and exits 1', async () => {
  const list = listOf(counsel, { ...nurse, unit: 'contractor' }, cleo)
  const { code, out } = await runCommand(check, [agreement, '--reviewers', list])
  assert.equal(code, 1)
  assert.match(
    out,
    /agreement\.md: level `two-person` of `sample` asks one of counsel and one of reviewers of clinic, and the reviewers lack one of reviewers of clinic: what it holds cannot be approved\n/,
  )
  assert.match(out, /agreement\.md: the reviewers are too few, \d+ warnings\n/)
  assert.doesNotMatch(out, /level `official`/)
  const json = await runCommand(check, ['--json', agreement, '--reviewers', list])
  const { good, files } = JSON.parse(json.out) as { good: boolean; files: { unsatisfiable: object[] }[] }
  assert.deepEqual(
    [good, files[0]?.unsatisfiable],
    [
      false,
      [
        {
          agreement: 'sample',
          level: 'two-person',
          rules: ['4.2#1'],
          asks: 'one of counsel and one of reviewers of clinic',
          missing: 'one of reviewers of clinic',
        },
      ],
    ],
  )
})

test('check finds nothing to say of reviewers who are enough, and looks at none that are not named', async () => {
  const enough = await runCommand(check, [agreement, '--reviewers', listOf(counsel, nurse, cleo)])
  assert.deepEqual([enough.code, /cannot be approved|too few/.test(enough.out)], [0, false])
  assert.equal((await runCommand(check, [agreement])).code, 0)
})

test('check exits 2 where the reviewers file cannot be read, or its result has no place', async () => {
  const broken = fileOf('broken.json', '{')
  for (const args of [
    ['--reviewers', broken],
    ['--reviewers', join(directory, 'absent.json')],
    ['--reviewers', listOf(), '--sarif', '-'],
  ]) {
    const { code, out, err } = await runCommand(check, [agreement, ...args])
    assert.deepEqual([code, out], [2, ''], err)
  }
})
