import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  compileAgreement,
  joinEnvelopes,
  reportSignatures,
  signStatement,
  statementOf,
} from '../../agreement/index.ts'
import type { Agreement } from '../../agreement/index.ts'
import { requireAgreement, sampleText } from '../../agreement/sample-agreement.ts'
import { demoKey, signerFromKey } from '../../base/index.ts'
import { bodyOf } from './body.ts'
import { documentOf } from './document.ts'
import { readPage } from './page.fixture.ts'

const examples = join(import.meta.dirname, '../../../examples')
const paths = globSync('*/v*.md', { cwd: examples }).sort()
assert.ok(paths.length >= 4)

function agreementAt(path: string): Agreement {
  return compileAgreement(readFileSync(join(examples, path), 'utf8')).agreement ?? assert.fail(path)
}

for (const path of paths) {
  const agreement = agreementAt(path)
  const html = documentOf(agreement, null)
  const page = readPage(html)

  test(`nothing of ${path} is left out on paper`, () => {
    for (const { id, title, text } of agreement.clauses.values()) {
      if (id.startsWith('system.')) continue
      assert.ok(page.ids.has(`clause-${id}`), id)
      assert.ok(page.text.includes(` ${id} ${title} `), id)
      for (const line of text.split('\n')) assert.ok(page.text.includes(plain(line)), line)
    }
    for (const [id, policy] of Object.entries(agreement.cedar.policies)) {
      assert.equal(page.text.split(`Rule ${id} `).length, 2, id)
      if (/#\d+$/.test(id)) assert.ok(page.text.includes(plain(policy)), id)
    }
    for (const lines of Object.values(agreement.schedule)) {
      if (!Array.isArray(lines)) continue
      for (const { id, title = '' } of lines as { id: string; title?: string }[]) {
        assert.ok(page.text.includes(plain(`${title} ${id}`)), id)
      }
    }
  })

  test(`each rule of ${path} stands in the section of its clause`, () => {
    const sections = html.split('<section id="clause-').slice(1)
    const byClause = new Map(sections.map((section) => [section.slice(0, section.indexOf('"')), section]))
    for (const { id, clause } of agreement.rules) {
      if (clause.startsWith('system.')) continue
      const section = byClause.get(clause)?.split('</section>')[0] ?? ''
      assert.ok(section.includes(`<b>Rule ${id}</b>`), id)
    }
  })
}

test('the document fetches nothing, runs nothing, and is the same each time', () => {
  const agreement = agreementAt('department/v2.md')
  const html = documentOf(agreement, null)
  assert.equal(documentOf(agreement, null), html)
  assert.doesNotMatch(html, /<script|<link|<img|<iframe|\bsrc=|@import|url\((?!attr)/i)
  const style = /<style>([^]*)<\/style>/.exec(html)?.[1] ?? ''
  const digest = createHash('sha256').update(style).digest('base64')
  assert.ok(html.includes(`content="default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;"`))
  assert.match(style, /@page \{ size: A4;/)
  assert.ok(style.includes(`department 2 - ${agreement.hash}`))
})

const hostile = `</title></style><script>alert('1')</script><img src=x onerror="alert(2)">&lt; " ' \u202Ereversed`

test('hostile text of the schedule stays text', () => {
  // What is invisible no schedule holds, however it is written.
  const written = hostile.replace('\u202E', '')
  const quoted = JSON.stringify(written)
  const agreement = requireAgreement(
    sampleText({
      lines: {
        title: quoted,
        purposes: `{ care: { title: ${quoted}, owner: ${quoted}, clause: "2" }, admin: { clause: "2" }, policing: { clause: "2" } }`,
        norms: `{ directive: { title: ${quoted}, edition: ${quoted}, clause: "2" } }`,
      },
    }),
  )
  const html = documentOf(agreement, null)
  const { text } = readPage(html)
  // Of the page, its cover, the purpose twice and the norm twice.
  assert.equal(text.split(written).length - 1, 6)
  assert.doesNotMatch(html, /<script|<img/)
})

test('hostile text in any place of the agreement stays text', () => {
  const agreement = agreementAt('department/v2.md')
  const clauses = new Map(agreement.clauses)
  const spoilt = JSON.parse(JSON.stringify(agreement.schedule), (key, value: unknown) =>
    typeof value === 'string' && !['id', 'clause', 'previous'].includes(key) ? `${value}${hostile}` : value,
  ) as Agreement['schedule']
  const text = agreement.text
    .replaceAll('Department', `Department ${hostile}`)
    .replaceAll('department', '"<script>')
  const html = documentOf({ ...agreement, clauses, schedule: spoilt, text }, null)
  readPage(html)
  assert.doesNotMatch(html, /<script|<img|\u202E/)
})

test('bodyOf gives each block its rules, the same rule twice as well', () => {
  const rule = 'forbid (principal, action == Action::"send", resource);'
  const body = `### 4.2 Twice ###

(a) Once.

\`\`\`cedar
// Why it stands here.
${rule}
\`\`\`

#### Within

(b) And again, with another.

\`\`\`\`cedar
${rule}
forbid (principal, action, resource) when { context.findings.contains(Signal::"force-advice") };
\`\`\`\`

`
  const agreement = requireAgreement(sampleText({ body }))
  const parts = bodyOf(agreement)
  const start = parts.findIndex((part) => part.kind === 'heading' && part.clause === '4.2')
  const found = parts.slice(start, start + 6).map((part) => {
    if (part.kind === 'prose') return part.lines.join('').trim()
    return part.kind === 'heading' ? part.title : part.rules.map(({ id }) => id).join(' ')
  })
  assert.deepEqual(found, [
    'Twice',
    '(a) Once.',
    '4.2#1',
    'Within',
    '(b) And again, with another.',
    '4.2#2 4.2#3',
  ])
  assert.ok(readPage(documentOf(agreement, null)).text.includes('// Why it stands here.'))
})

const signer = (name: string) => signerFromKey(demoKey(name))
const officers = '{ officer: { keys: ["KEY1"] }, counsel: { title: Counsel, keys: ["KEY2"] } }'
const keyText = (name: string): string => Buffer.from(signer(name).publicKey).toString('base64')
const parties = `
  agency: { role: agency, clause: "1", signers: ${officers.replace('KEY1', keyText('one')).replace('KEY2', keyText('two'))}, threshold: 2 }
  provider: { role: provider, clause: "1", signers: { officer: { keys: ["${keyText('sample/provider')}"] } }, threshold: 1 }`

test('the document says who of which party has signed and who is missing', async () => {
  const agreement = requireAgreement(sampleText({ lines: { parties } }))
  const statement = statementOf(agreement, Date.parse('2026-04-01T00:00:00Z'))
  const page = async (...names: string[]) => {
    const envelope = await signStatement(statement, names.map(signer))
    return readPage(documentOf(agreement, { report: reportSignatures(agreement, envelope) })).text
  }
  const half = await page('two', 'nobody')
  assert.match(half, /Signatures incomplete: some are MISSING/)
  assert.match(
    half,
    /in force from 1 April 2026, 00:00 UTC\. Signatures are MISSING, so this version has no effect/,
  )
  assert.match(half, /that do not verify: 1\./)
  assert.match(
    half,
    /officer \S+= not signed Counsel counsel \S+= signed Needed: 2 of 2\. There: 1\. MISSING: 1\./,
  )
  assert.match(half, /Needed: 1 of 1\. There: 0\. MISSING: 1\./)
  assert.doesNotMatch(half, /DEMONSTRATION/)
  const whole = await page('one', 'two', 'sample/provider')
  assert.match(whole, /Signatures complete; see the end/)
  assert.doesNotMatch(whole, /MISSING/)
  assert.equal(whole.split('DEMONSTRATION: anyone can make a key that signed this').length, 3)
  const none = readPage(documentOf(agreement, null)).text
  assert.match(none, /Signatures none given with this copy/)
  assert.match(none, /Needed: 2 of 2; where an amendment loosens something, 2 of 2\./)
})

test('the document of an amendment names the signers of both versions', async () => {
  const first = requireAgreement(sampleText({ lines: { parties } }))
  const second = requireAgreement(sampleText({ version: 2, previous: first.hash }))
  const statement = statementOf(second, Date.parse('2026-06-01T00:00:00Z'))
  const a = await signStatement(statement, [signer('sample/agency')])
  const envelope = joinEnvelopes(
    a,
    await signStatement(statement, [signer('sample/provider'), signer('one')]),
  )
  const report = reportSignatures(second, envelope, first)
  const { text } = readPage(documentOf(second, { report, previous: first }))
  const [, before = '', own = ''] = text.split(/ Under version [12] /)
  assert.match(before, /officer \S+= signed Counsel counsel \S+= not signed/)
  assert.match(before, /There: 1\. MISSING: 1\./)
  assert.doesNotMatch(own, /MISSING|not signed/)
})

/** As it stands on paper: marks of code and emphasis gone, blanks as one. */
function plain(text: string): string {
  return text
    .replace(/[`*]/g, '')
    .replace(/^(?:- |> )/, '')
    .replace(/\s+/g, ' ')
    .trim()
}
