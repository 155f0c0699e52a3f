import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Agreement, ChangedRegion, TermChange } from '../agreement/index.ts'
import { requireAgreement, sampleBody, sampleText } from '../agreement/sample-agreement.ts'
import { parseJson } from '../base/index.ts'
import { explain as explainDecision, parseExplainRequest } from '../decision/index.ts'
import type { Decision } from '../decision/index.ts'
import { diff } from './diff.ts'
import { explain } from './explain.ts'

const directory = mkdtempSync(join(tmpdir(), 'servanda-diff-'))
after(() => rmSync(directory, { recursive: true }))

const examples = join(import.meta.dirname, '..', '..', 'examples')
const published = join(examples, 'as-published', 'v1.md')
const v1 = join(examples, 'department', 'v1.md')
const v2 = join(examples, 'department', 'v2.md')

function fileOf(name: string, content: string): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

function agreementOf(file: string): Agreement {
  return requireAgreement(readFileSync(file, 'utf8'))
}

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(command: typeof diff, args: readonly string[]): Promise<Run> {
  let [out, err] = ['', '']
  const code = await command(args, { out: (text) => (out += text), err: (text) => (err += text) })
  return { code, out, err }
}

interface DiffJson {
  readonly verdict: string
  readonly says: string
  readonly confirmed: number
  readonly groups: readonly { change: string; says: string; changes: readonly number[] }[]
  readonly changes: readonly {
    readonly number: number
    readonly change: string
    readonly before: ChangedRegion['before']
    readonly after: ChangedRegion['after']
    readonly sentences: readonly string[]
    readonly covered: boolean
    readonly witness: object
  }[]
  readonly terms: readonly TermChange[]
  readonly textChanged: boolean
  readonly patch: string
}

async function compared(old: string, young: string): Promise<DiffJson> {
  const { out, err } = await run(diff, [old, young, '--json'])
  assert.equal(err, '')
  return JSON.parse(out) as DiffJson
}

/** One line, so that a test does not depend on where lines break. */
function flat(text: string): string {
  return text.replace(/\s+/g, ' ')
}

test('diff names what version 2 of the department prohibits, and exits 0', async () => {
  const { code, out } = await run(diff, [v1, v2])
  const text = flat(out)
  assert.equal(code, 0)
  assert.match(out, /^`department` version 2 is stronger than version 1 in 3 places \(4\.7, 4\.8 and 6\.1\)\.\n/)
  for (const sentence of [
    '4.7 (No tracking of persons) now denies, where `person-tracking` is found',
    '4.8 (No purchased personal data) now denies, with data of origin `purchased` or where `purchased-data` is found',
    '6.1 (Intelligence units are excluded) now denies as excluded, by `intelligence` and every unit within it or on behalf of `intelligence` or a unit within it',
    '`intelligence` and every unit within it may no longer have a model answer or call tools of class `look-up` or `draft` for `foreign-intelligence` through `seat`',
  ]) {
    assert.ok(text.includes(sentence), sentence)
  }
  assert.doesNotMatch(out, /WEAKER/)
  assert.match(out, /^-version: 1\n\+version: 2\n/m)
}) // prettier-ignore

test('diff the other way round says what would be weakened, and exits 1', async () => {
  const { code, out } = await run(diff, [v2, v1])
  const text = flat(out)
  assert.equal(code, 1)
  assert.match(
    out,
    /^`department` version 1 is weaker than version 2 in 3 places \(4\.7, 4\.8 and 6\.1\)\.\n/,
  )
  assert.ok(text.includes('4.7 (No tracking of persons) no longer denies, where `person-tracking` is found'))
  assert.ok(text.includes('weaker 6.1 exclusion `intelligence-units` of unit `intelligence` is gone'))
  assert.doesNotMatch(out, /STRONGER/)
})

test('diff says what the published words allow and ours do not', async () => {
  const { code, out } = await run(diff, [published, v2])
  const text = flat(out)
  assert.equal(code, 1)
  for (const sentence of [
    '3.1 (Any lawful use) no longer grants',
    '4.2 (Persons direct the use of force) now denies, through `actuator`, in calls of tools of class `direct-weapon` or where `autonomous-engagement` is found',
    '4.7 (No tracking of persons) now denies, where `person-tracking` is found',
    '5.1 (Sending) now asks for approval, in calls of tools of class `send`',
    '8.4 the duty to suspend is new',
  ]) {
    assert.ok(text.includes(sentence), sentence)
  }
  assert.ok(text.indexOf('WEAKER') < text.indexOf('STRONGER'))
})

test('diff of one changed word in prose says equivalent, text changed', async () => {
  const old = fileOf('prose-1.md', sampleText({ body: `${sampleBody}\nThe parties meet each month.\n` }))
  const young = fileOf('prose-2.md', sampleText({ body: `${sampleBody}\nThe parties meet each week.\n` }))
  const { code, out } = await run(diff, [old, young])
  assert.equal(code, 0)
  assert.match(
    out,
    /^the second file of `sample` version 1 is equivalent to the first: both decide every call alike, and\nthe text changed\.\n/,
  )
  assert.match(out, /^-The parties meet each month\.\n\+The parties meet each week\.$/m)
  const { verdict, changes, terms, textChanged } = await compared(old, young)
  assert.deepEqual([verdict, changes, terms, textChanged], ['equivalent', [], [], true])
  assert.match((await run(diff, [old, old])).out, /the text is the same\.[^]*same, byte by byte/)
})

for (const [old, young] of [[v1, v2], [v2, v1], [published, v2], [v2, published]] as const) {
  test(`explain decides every witness as diff says, from ${old.slice(examples.length + 1)} to ${young.slice(examples.length + 1)}`, async () => {
    const { changes, confirmed } = await compared(old, young)
    assert.ok(changes.length > 0)
    assert.ok(confirmed >= changes.length)
    const [first, second] = [agreementOf(old), agreementOf(young)]
    for (const { number, before, after: now, witness } of changes) {
      for (const [agreement, side] of [[first, before], [second, now]] as const) {
        const request = parseExplainRequest(parseJson(JSON.stringify(witness)), agreement.schedule)
        const { decision } = explainDecision(agreement, request.facts, request.findings, request.approvals)
        assert.deepEqual([decision.verdict, decision.asks], [side.verdict, side.asks], `${number}`)
        assert.ok(decision.citations.some(({ rule }) => rule === side.rule), `${number} ${side.rule}`)
      }
    }
  })
} // prettier-ignore

test('servanda explain reads a witness as it stands, under either version', async () => {
  const { changes } = await compared(v1, v2)
  const { witness, before, after: now } = changes.at(-1) ?? assert.fail()
  const request = fileOf('witness.json', JSON.stringify(witness))
  const verdicts = []
  for (const file of [v1, v2]) {
    const { code, out } = await run(explain, [file, '--request', request, '--json'])
    assert.equal(code, 0)
    verdicts.push((JSON.parse(out) as { decision: Decision }).decision.verdict)
  }
  assert.deepEqual(verdicts, [before.verdict, now.verdict])
})

test('diff as JSON tells every change with its sentences, and its numbers are those of the groups', async () => {
  const { groups, changes, patch, says } = await compared(published, v2)
  assert.match(says, /^`department` version 2 is weaker than `as-published` version 1 in /)
  assert.deepEqual(
    groups.flatMap((group) => group.changes),
    changes.map(({ number }) => number),
  )
  for (const [i, { number, sentences }] of changes.entries()) {
    assert.equal(number, i + 1)
    assert.ok(sentences.length > 0)
    for (const sentence of sentences) assert.match(sentence, / may (now|no longer) .*: (was|waited) .*, (is|waits) /)
  }
  assert.deepEqual(
    [...new Set(groups.map(({ change }) => change))],
    ['weaker', 'stronger'],
  )
  assert.match(patch, /^--- .*\n\+\+\+ .*\n@@ /)
}) // prettier-ignore

const hostile = `<script>alert("1")</script> & 'more' \`code\``

test('diff writes a page that holds nothing but itself, whatever titles say', async () => {
  const title = `{ care: { title: ${JSON.stringify(hostile)}, clause: "2" }, admin: { clause: "2" }, policing: { clause: "2" } }`
  const old = fileOf('hostile-1.md', sampleText())
  const young = fileOf(
    'hostile-2.md',
    sampleText({ body: '', lines: { purposes: title, title: JSON.stringify(hostile) } }),
  )
  const page = join(directory, 'page.html')
  const { code } = await run(diff, [old, young, '--html', page])
  assert.equal(code, 1)
  const html = readFileSync(page, 'utf8')
  assert.doesNotMatch(html, /<script|<img|<link|<iframe|src=|href=|url\(|@import| on[a-z]+=/)
  assert.match(html, /<h1>&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt; &amp; &#39;more&#39;/)
  assert.match(html, /default-src &#39;none&#39;|default-src 'none'/)
  for (const part of ['In short', 'Weaker', 'Terms of the schedule', 'A request for each change', 'side by side']) {
    assert.ok(html.includes(part), part)
  }
}) // prettier-ignore

test('diff writes the same page each time, with a request for each change', async () => {
  const [first, second] = [join(directory, '1.html'), join(directory, '2.html')]
  await run(diff, [v1, v2, '--html', first])
  await run(diff, [v1, v2, '--html', second])
  const html = readFileSync(first, 'utf8')
  assert.equal(html, readFileSync(second, 'utf8'))
  const { changes } = await compared(v1, v2)
  const requests = [...html.matchAll(/<code>(\{&quot;stage.*?)<\/code>/g)].map(([, text = '']) =>
    text.replaceAll('&quot;', '"'),
  )
  assert.deepEqual(
    requests.map((text) => JSON.parse(text) as object),
    changes.map(({ witness }) => witness),
  )
})

test('diff of a file with errors says to run check, and exits 2', async () => {
  const good = fileOf('good.md', sampleText())
  const bad = fileOf('bad.md', sampleText().replace('Signal::"population-watch"', 'Signal::"population-wach"'))
  for (const args of [
    [good, bad],
    [bad, good],
  ]) {
    const { code, out, err } = await run(diff, args)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, /CLI_FILE: `.*bad\.md` has 1 error.*`servanda check .*bad\.md` lists them/)
  }
}) // prettier-ignore

test('diff leaves out what of the text is too long for a terminal, and says how much', async () => {
  const { out } = await run(diff, [published, v2])
  assert.match(out, /\n {2}\d+ more lines of the text differ or stand beside them; --html shows all\n$/)
})
