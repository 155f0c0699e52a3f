/** A command's output arrives whole, however slowly it is read. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sampleText } from '../../src/agreement/sample-agreement.ts'
import { makeHome, run } from './program.ts'

test('a command ends only when a pipe has taken everything that it said', async () => {
  using home = makeHome()
  const purpose = 'nowhere-'.repeat(60)
  const rule = `forbid (principal, action, resource)\nwhen { context.purpose == Purpose::"${purpose}" };`
  const clauses = Array.from(
    { length: 500 },
    (_, i) => `### 4.${i + 10} Number ${i}\n\n\`\`\`cedar\n${rule}\n\`\`\``,
  )
  const file = join(home.root, 'long.md')
  writeFileSync(file, sampleText({ body: clauses.join('\n\n') }))
  const { code, out } = await run(home, ['check', '--json', file])
  assert.equal(code, 1)
  assert.ok(out.length > 300_000, `${out.length} are more than what a pipe takes at once`)
  assert.doesNotThrow(() => JSON.parse(out) as unknown)
})
