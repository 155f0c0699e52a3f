import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileAgreement } from './compile.ts'
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts'
import { sampleBody, sampleText } from './sample-agreement.ts'
import type { SampleParts } from './sample-agreement.ts'

/** A mistake put into the sample, and the one diagnostic it must make, at the text it is about. */
interface Mistake {
  readonly what: string
  readonly text?: string
  readonly parts?: SampleParts
  readonly code: DiagnosticCode
  /** The diagnostic's place is where this stands, or the nth time where it stands several times. */
  readonly at?: string
  readonly nth?: number
  readonly clause?: string
  readonly message?: RegExp
  readonly help?: RegExp
  readonly severity?: 'warning'
  /** Other codes that the same mistake makes too. */
  readonly also?: readonly DiagnosticCode[]
}

function rule(cedar: string): SampleParts {
  return { body: `${sampleBody}\n### 4.9 Ours\n\n\`\`\`cedar\n${cedar}\n\`\`\`\n` }
}

function body(markdown: string): SampleParts {
  return { body: `${sampleBody}\n### 4.9 Ours\n\n${markdown}\n` }
}

function line(key: string, value: string): SampleParts {
  return { lines: { [key]: value } }
}

const forbidWhen = (condition: string): SampleParts =>
  rule(`forbid (principal, action, resource)\nwhen { ${condition} };`)
const permitWhen = (condition: string): SampleParts =>
  rule(`permit (principal == Unit::"ward", action, resource)\nwhen { ${condition} };`)
const cedar = '4.9'

/** Values of `title` that YAML does not take, and the way out that is shown. */
const brokenYaml = (
  [
    ['brackets that stay open', '{ from: [', /close each/],
    ['a second document', 'x\n--- \nid: other', /one schedule/],
    ['nesting without end', '['.repeat(100_000), /three deep/],
    ['a tab as indentation', 'x\n\tid: other', /spaces/],
    ['a quotation mark that stays open', '"x', /close each/],
    ['an unknown escape', '"\\q"', /backslash twice/],
    ['a value that begins with @', '@x', /quotation marks/],
    ['two keys on a line', 'x: y', /quotation marks/],
    ['a missing comma', '{ a: 1 b: 2 }', /by commas/],
    ['a line without a key', 'x\nnonsense', /colon and a space/],
    ['a bracket too many', '}', /one too many/],
    ['a line of its own depth', '\n    a: 1\n  b: 2', /indent lines/],
    ['a key without end', `x\n"${'k'.repeat(2000)}": y`, /shorten it/],
  ] as const
).map(([what, value, help]): Mistake => ({
  what: `YAML with ${what}`,
  parts: line('title', value),
  code: 'AGREEMENT_YAML',
  help,
  message: /^(?!.*(flow|scalar|implicit|mapping|YAML\.))[a-z]/,
}))

const schedule: readonly Mistake[] = [
  { what: 'no front matter', text: '# Title\n', code: 'AGREEMENT_FRONT_MATTER', help: /begin the file/ },
  {
    what: 'an open front matter',
    text: '---\nservanda: 1\n',
    code: 'AGREEMENT_FRONT_MATTER',
    message: /not closed/,
  },
  {
    what: 'a front matter that is a list',
    text: '---\n- 1\n---\n',
    code: 'AGREEMENT_TYPE',
    message: /not a map/,
  },
  ...brokenYaml,
  {
    what: 'a key twice',
    parts: line('title', 'A\ntitle: B'),
    code: 'AGREEMENT_DUPLICATE_KEY',
    at: 'title: B',
  },
  {
    what: 'a key twice, once as a number',
    parts: line('surfaces', '{ 1: { clause: "2" }, "1": { clause: "2" } }'),
    code: 'AGREEMENT_DUPLICATE_KEY',
    at: '"1": {',
  },
  { what: 'an anchor', parts: line('title', '&x A'), code: 'AGREEMENT_ALIAS', message: /anchor `x`/ },
  { what: 'a tag', parts: line('title', '!!str A'), code: 'AGREEMENT_ALIAS', message: /tag/ },
  {
    what: 'an alias',
    parts: line('surfaces', '{ a: &s { clause: "2" }, console: *s }'),
    code: 'AGREEMENT_ALIAS',
    at: '{ clause: "2" }, console: *s',
    also: ['AGREEMENT_ALIAS', 'AGREEMENT_TYPE'],
  },
  {
    what: 'a merge key',
    parts: line('surfaces', '{ console: { <<: { title: x }, clause: "2" } }'),
    code: 'AGREEMENT_UNKNOWN_KEY',
    at: '<<',
    clause: '2',
  },
  {
    what: 'an unknown key',
    parts: line('surfcaes', '{}'),
    code: 'AGREEMENT_UNKNOWN_KEY',
    at: 'surfcaes',
    help: /`surfaces`/,
  },
  {
    what: 'an unknown key of a line',
    parts: line('consumers', '{ seat: { claus: "2", clause: "2" }, batch: { clause: "2" } }'),
    code: 'AGREEMENT_UNKNOWN_KEY',
    at: 'claus:',
    help: /`clause`/,
  },
  {
    what: 'a missing key',
    parts: line('title', 'absent'),
    code: 'AGREEMENT_MISSING_KEY',
    message: /`title`/,
  },
  { what: 'another format', parts: line('servanda', '2'), code: 'AGREEMENT_NUMBER', at: '2\nid' },
  { what: 'a list as map', parts: line('norms', '[]'), code: 'AGREEMENT_TYPE', at: '[]', help: /\{\}/ },
  {
    what: 'a clause that is a number',
    parts: line('norms', '{ directive: { edition: x, clause: 2 } }'),
    code: 'AGREEMENT_TYPE',
    at: '2 } }\n---',
    help: /quotation marks/,
  },
  {
    what: 'a tool that is a model call',
    parts: line('tools', '{ look_up: { action: generate, clause: "2" } }'),
    code: 'AGREEMENT_VALUE',
    at: 'generate,',
    help: /class of its own/,
  },
  { what: 'a bad id', parts: { id: 'Sample' }, code: 'AGREEMENT_ID', at: 'Sample', help: /lower-case/ },
  { what: 'a look-alike id', parts: { id: 'sаmple' }, code: 'AGREEMENT_ID', at: 'sаmple' },
  {
    what: 'the reserved word',
    parts: line('norms', '{ unlisted: { edition: x, clause: "2" } }'),
    code: 'AGREEMENT_RESERVED_WORD',
    at: 'unlisted',
  },
  {
    what: 'the reserved signal',
    parts: line('norms', '{ screening-failed: { edition: x, clause: "2" } }'),
    code: 'AGREEMENT_RESERVED_WORD',
    at: 'screening-failed',
  },
  { what: 'version 0', parts: { version: 0 }, code: 'AGREEMENT_NUMBER', at: '0\ntitle' },
  { what: 'version 2 of nothing', parts: { version: 2 }, code: 'AGREEMENT_VERSION', help: /previous/ },
  {
    what: 'a previous of version 1',
    parts: { previous: `sha256:${'0'.repeat(64)}` },
    code: 'AGREEMENT_VERSION',
    at: 'previous',
  },
  {
    what: 'a bad digest',
    parts: { version: 2, previous: 'sha256:12' },
    code: 'AGREEMENT_VALUE',
    at: 'sha256:12',
  },
  {
    what: 'a term that ends first',
    parts: line('term', '{ from: 2030-01-01T00:00:00Z, until: 2026-01-01T00:00:00Z, clause: "8" }'),
    code: 'AGREEMENT_TERM',
    clause: '8',
  },
  {
    what: 'a day that is not',
    parts: line('term', '{ from: 2026-02-30T00:00:00Z, until: 2030-01-01T00:00:00Z, clause: "8" }'),
    code: 'AGREEMENT_TIME',
    at: '2026-02-30',
  },
  {
    what: 'seven decimals',
    parts: line('amounts', '{ currency: USD, ceiling: 100, allotted: 0.0000001, clause: "8" }'),
    code: 'AGREEMENT_MONEY',
    at: '0.0000001',
    help: /six decimals/,
  },
  {
    what: 'a negative amount',
    parts: line('amounts', '{ currency: USD, ceiling: 100, allotted: -1, clause: "8" }'),
    code: 'AGREEMENT_MONEY',
    at: '-1, clause',
  },
  {
    what: 'more allotted than the ceiling',
    parts: line('amounts', '{ currency: USD, ceiling: 100, allotted: 100.000001, clause: "8" }'),
    code: 'AGREEMENT_MONEY',
    at: '100.000001',
    message: /ceiling/,
  },
  {
    what: 'more money than can be counted',
    parts: line('amounts', '{ currency: USD, ceiling: 9007199255, allotted: 1, clause: "8" }'),
    code: 'AGREEMENT_MONEY',
    at: '9007199255',
  },
  {
    what: 'a threshold above the keys',
    parts: { agencyThreshold: 2 },
    code: 'AGREEMENT_THRESHOLD',
    clause: '1',
  },
  { what: 'a threshold of nobody', parts: { agencyThreshold: 0 }, code: 'AGREEMENT_NUMBER', clause: '1' },
  {
    what: 'a short key',
    parts: { agencyKeys: ['AAAA'] },
    code: 'AGREEMENT_KEY',
    at: '"AAAA"',
  },
  {
    what: 'no provider',
    parts: line('parties', '{}'),
    code: 'AGREEMENT_PARTIES',
    also: ['AGREEMENT_PARTIES'],
  },
  {
    what: 'an unknown parent',
    parts: line('units', '{ department: { in: goverment, clause: "2" }, intelligence: { clause: "2" } }'),
    code: 'AGREEMENT_REFERENCE',
    at: 'department: { in',
    clause: '2',
  },
  {
    what: 'units in a circle',
    parts: line(
      'units',
      '{ department: { in: intelligence, clause: "2" }, intelligence: { in: department, clause: "2" } }',
    ),
    code: 'AGREEMENT_CYCLE',
    also: ['AGREEMENT_CYCLE'],
  },
  {
    what: 'an unknown model of a route',
    parts: line(
      'routes',
      '{ general: { model: larg, upstream: rehearsal, price: { input: 1, output: 1 }, outputTokensMax: 1, clause: "2" } }',
    ),
    code: 'AGREEMENT_REFERENCE',
    help: /`large`/,
  },
  {
    what: 'credentials in an upstream',
    parts: line(
      'routes',
      '{ general: { model: large, upstream: "https://a:b@host/v1", price: { input: 1, output: 1 }, outputTokensMax: 1, clause: "2" } }',
    ),
    code: 'AGREEMENT_UPSTREAM',
    at: '"https://a',
    help: /credentials/,
  },
  {
    what: 'a key in the query of an upstream',
    parts: line(
      'routes',
      '{ general: { model: large, upstream: "https://host/v1?key=1", price: { input: 1, output: 1 }, outputTokensMax: 1, clause: "2" } }',
    ),
    code: 'AGREEMENT_UPSTREAM',
  },
  {
    what: 'an upstream that is a file',
    parts: line(
      'routes',
      '{ general: { model: large, upstream: "file:///etc/passwd", price: { input: 1, output: 1 }, outputTokensMax: 1, clause: "2" } }',
    ),
    code: 'AGREEMENT_UPSTREAM',
  },
  {
    what: 'an exclusion of two things',
    parts: line(
      'exclusions',
      '{ both: { unit: intelligence, provider: borealis, unlockVia: amendment, clause: "6" } }',
    ),
    code: 'AGREEMENT_EXCLUSION',
    clause: '6',
  },
  {
    what: 'an exclusion of nothing',
    parts: line('exclusions', '{ none: { unlockVia: amendment, clause: "6" } }'),
    code: 'AGREEMENT_EXCLUSION',
  },
  {
    what: 'an exclusion of an unknown unit',
    parts: line('exclusions', '{ spies: { unit: inteligence, unlockVia: amendment, clause: "6" } }'),
    code: 'AGREEMENT_REFERENCE',
    help: /`intelligence`/,
  },
  {
    what: 'a clause that is not there',
    parts: line('norms', '{ directive: { edition: x, clause: "4.4" } }'),
    code: 'AGREEMENT_CLAUSE_UNKNOWN',
    at: 'directive',
    clause: '4.4',
    help: /4\.[123]/,
  },
  { what: 'an empty list', parts: line('surfaces', '{}'), code: 'AGREEMENT_EMPTY_LIST', severity: 'warning' },
  {
    what: 'a signal without a rule',
    parts: line(
      'signals',
      '{ population-watch: { clause: "4.1" }, force-advice: { clause: "4.1" }, mood: { clause: "2" } }',
    ),
    code: 'AGREEMENT_UNUSED_WORD',
    at: 'mood',
    clause: '2',
    severity: 'warning',
  },
  ...['0', '10', '1.5', '"2"', 'two', '[2]', '1e0', '-1'].map((persons): Mistake => ({
    what: `a level of ${persons} persons`,
    parts: line('levels', `{ two-person: { persons: ${persons}, clause: "2" }, official: { clause: "2" } }`),
    code: 'AGREEMENT_NUMBER',
    at: `${persons}, clause: "2" }, official`,
    clause: '2',
    message: /from 1 to 9/,
  })),
  {
    what: 'a title of two where one is enough',
    parts: line('levels', '{ two-person: { title: Two officials, clause: "2" }, official: { clause: "2" } }'),
    code: 'AGREEMENT_LEVEL_PERSONS',
    at: 'two-person',
    clause: '2',
    help: /`persons: 2`/,
    severity: 'warning',
  },
  ...(
    [
      ['***', /no text/],
      ['—', /no text/],
      ['\u3164', /no text/],
      ['ab '.repeat(150), /longer than 400/],
      ['م'.repeat(140), /longer than 400/],
      ['mass * watch', /directly after the last word/],
      ['*watch', /directly after the last word/],
      ['watch *', /directly after the last word/],
      ['watch**', /directly after the last word/],
      ['watch* ', /directly after the last word/],
      ['watch＊', /directly after the last word/],
    ] as const
  ).map(([phrase, message]): Mistake => ({
    what: `the phrase ${phrase.slice(0, 20)}`,
    parts: line(
      'signals',
      `{ population-watch: { clause: "4.1" }, force-advice: { clause: "4.1", phrases: ["mass watch*", "${phrase}"] } }`,
    ),
    code: 'AGREEMENT_VALUE',
    at: `${phrase}"]`,
    clause: '4.1',
    message,
    also: [],
  })),
  { what: 'too large a file', text: `---\n${'x'.repeat(1_048_576)}`, code: 'AGREEMENT_LIMIT' },
]

const text: readonly Mistake[] = [
  {
    what: 'a byte order mark',
    text: `\ufeff${sampleText()}`,
    code: 'AGREEMENT_CHARACTER',
    also: ['AGREEMENT_FRONT_MATTER'],
  },
  { what: 'CRLF', text: sampleText().replaceAll('\n', '\r\n'), code: 'AGREEMENT_LINE_ENDING', help: /LF/ },
  {
    what: 'a lone CR in a comment',
    parts: rule('// \rpermit (principal, action, resource);'),
    code: 'AGREEMENT_LINE_ENDING',
  },
  { what: 'a lone surrogate', text: `${sampleText()}\ud800`, code: 'AGREEMENT_CHARACTER' },
  { what: 'a zero-width space', parts: body('for\u200bbid'), code: 'AGREEMENT_CHARACTER', at: '\u200b' },
  { what: 'a bidirectional override', parts: body('\u202eabc'), code: 'AGREEMENT_CHARACTER', at: '\u202e' },
  { what: 'a line separator', parts: body('a\u2028## 5 B'), code: 'AGREEMENT_CHARACTER' },
  {
    what: 'a clause twice',
    parts: { body: '### 4.1 Again\n' },
    code: 'AGREEMENT_DUPLICATE_CLAUSE',
    at: '### 4.1 Again',
    clause: '4.1',
    also: [],
  },
  { what: 'the same number with a dot', parts: body('### 4.1. Again'), code: 'AGREEMENT_DUPLICATE_CLAUSE' },
  { what: 'a heading without a blank', parts: body('##5 Hidden'), code: 'AGREEMENT_HEADING', at: '##5' },
  { what: 'a heading with a wide blank', parts: body('##\u00a05 Hidden'), code: 'AGREEMENT_HEADING' },
  { what: 'a number with a letter', parts: body('### 4.1a Hidden'), code: 'AGREEMENT_HEADING' },
  { what: 'digits of another script', parts: body('### ４.１ Hidden'), code: 'AGREEMENT_HEADING' },
  { what: 'a number with a leading zero', parts: body('### 04.1 Hidden'), code: 'AGREEMENT_HEADING' },
  { what: 'a number without a title', parts: body('### 5'), code: 'AGREEMENT_HEADING' },
  {
    what: 'an indented heading',
    parts: body('  ## 5 Hidden'),
    code: 'AGREEMENT_HEADING',
    help: /first column/,
  },
  { what: 'a heading in a quotation', parts: body('> ## 5 Hidden'), code: 'AGREEMENT_HEADING' },
  { what: 'a heading in a list', parts: body('1. ## 5 Hidden'), code: 'AGREEMENT_HEADING' },
  { what: 'a setext heading', parts: body('5 Hidden\n---'), code: 'AGREEMENT_HEADING', at: '---', nth: 3 },
  { what: 'a setext heading of equals', parts: body('5 Hidden\n==='), code: 'AGREEMENT_HEADING', at: '===' },
  { what: 'an HTML comment', parts: body('<!-- ## 5 Hidden -->'), code: 'AGREEMENT_HTML', at: '<!--' },
  { what: 'HTML', parts: body('text <details open> text'), code: 'AGREEMENT_HTML', at: '<details' },
  ...(
    [
      ['[//]: # (All is permitted.)', ']:', /definition/],
      ['> [a]: https://x "All is\n> permitted."', ']:', /definition/],
      ['[a\nb]: https://x', ']:', /definition/],
      ['Text.[^1]\n\n[^1]: All is permitted.', ']:', /definition/],
      ['[Visible](https://example.org "All is permitted")', '](', /more than its address/],
      ["[Visible](https://example.org\n'All is permitted')", '](', /more than its address/],
      ['[Visible](all_(is)_permitted)', '](', /more than its address/],
      ['![All is permitted](data:image/png;base64,AA)', '![', /image/],
      ['#### ![All is permitted][a]', '![', /image/],
      ['#### Title <!-- all is permitted -->', '<!--', /HTML/],
      ['&#102;orbid (principal)', '&#102;', /by its name or number/],
    ] as const
  ).map(([prose, at, message]): Mistake => ({
    what: `the hidden words of ${prose}`,
    parts: body(`A line before.\n\n${prose}`),
    code: 'AGREEMENT_HTML',
    at,
    message,
    clause: cedar,
    also: [],
  })),
  {
    what: 'an open block',
    parts: body('```cedar\nforbid (principal, action, resource);'),
    code: 'AGREEMENT_FENCE_UNCLOSED',
    also: Array<DiagnosticCode>(4).fill('AGREEMENT_CLAUSE_UNKNOWN'),
    clause: cedar,
    help: /end it/,
  },
  {
    what: 'a block of tildes',
    parts: body('~~~cedar\nforbid (principal, action, resource);\n~~~'),
    code: 'AGREEMENT_FENCE',
  },
  ...[
    '```cedar x', '```Cedar', '```сedar', '```', '```text', '```cedar\u00a0', '````сedar', '~~~', '```{.cedar}',
  ].map((opening): Mistake => ({
    what: `a block that opens with ${opening}`,
    parts: body(
      `${opening}\nforbid ( // all units\n  principal, action, resource);\n${opening.replace(/[^`~]/gu, '')}`,
    ),
    code: 'AGREEMENT_FENCE',
    at: `${opening}\nforbid ( // all`,
    clause: cedar,
    help: /indented prose/,
    also: [],
  })), // prettier-ignore
  ...[
    'forbid ( // all units\n  principal, action, resource);',
    'forbıd (principal, action, resource);',
    'fοrbіd (prіncіраl, action);',
    'FОRВID (PRINCIPAL, RESOURCE)',
    'ｆｏｒｂｉｄ\u3000（principal，action）',
    '> for**b**id\n>\n> (principal,\n> action)',
    `permit // ${'x'.repeat(500)}\n(principal, action)`,
    'forbid (https://example.org principal, action)',
    'per\u200dmit \\(action, resource)',
    'forbid // all. Of\nprincipal, action',
    'forbid ( no. 1. principal, action',
  ].map((prose): Mistake => ({
    what: `the prose ${prose.slice(0, 40)}`,
    parts: body(`A line before.\n\n${prose}`),
    code: 'AGREEMENT_RULE_OUTSIDE_BLOCK',
    at: prose,
    clause: cedar,
    help: /without the words of rules/,
    also: [],
  })),
  {
    what: 'a rule in a heading',
    parts: body('#### forbid (principal, action, resource)'),
    code: 'AGREEMENT_RULE_OUTSIDE_BLOCK',
    at: '#### forbid',
  },
  {
    what: 'an indented block',
    parts: body('  ```cedar\nx\n  ```'),
    code: 'AGREEMENT_FENCE',
    also: ['AGREEMENT_FENCE'],
  },
  { what: 'a block in a list', parts: body('- ```cedar\n  x'), code: 'AGREEMENT_FENCE' },
  { what: 'a block in a quotation', parts: body('> ```cedar\n> x'), code: 'AGREEMENT_FENCE' },
  {
    what: 'a fence in a block',
    parts: body('````text\n```cedar\n```\n````'),
    code: 'AGREEMENT_FENCE',
    also: ['AGREEMENT_FENCE', 'AGREEMENT_FENCE'],
  },
  {
    what: 'code by indentation',
    parts: body('    forbid (principal, action, resource);'),
    code: 'AGREEMENT_RULE_OUTSIDE_BLOCK',
  },
  {
    what: 'a rule in the prose',
    parts: body('We `permit (principal, action, resource)`.'),
    code: 'AGREEMENT_RULE_OUTSIDE_BLOCK',
  },
  {
    what: 'a rule under a heading without number',
    parts: body('## Annex\n\n```cedar\npermit (principal, action, resource);\n```'),
    code: 'AGREEMENT_RULE_OUTSIDE_CLAUSE',
  },
  {
    what: 'a rule before any clause',
    text: sampleText().replace('# A sample\n', '```cedar\npermit (principal, action, resource);\n```\n'),
    code: 'AGREEMENT_RULE_OUTSIDE_CLAUSE',
  },
  {
    what: 'a second front matter',
    text: sampleText().replace('# A sample\n', '---\nid: other\n\n---\n'),
    code: 'AGREEMENT_FRONT_MATTER',
    message: /second/,
  },
  { what: 'an empty block', parts: rule('// nothing'), code: 'AGREEMENT_EMPTY_BLOCK', clause: cedar },
]

const erase = '{ look-up: { clause: "2" }, send: { clause: "2" }, erase: { clause: "2" } }'
const notAtStage = { help: /at stage `tool` it is the class of a listed tool/ }

/** Rules that make no difference in any situation that can happen. */
const deadRules: readonly (readonly [string, SampleParts, Pick<Mistake, 'message' | 'help'>])[] = [
  [
    'a tool’s action in an answer',
    rule(
      'forbid (principal, action == Action::"look-up", resource) when { context.stage == Stage::"answer" };',
    ),
    notAtStage,
  ],
  [
    'a tool’s action in a request',
    rule(
      'forbid (principal, action == Action::"send", resource) when { context.stage == Stage::"request" };',
    ),
    notAtStage,
  ],
  [
    'a model call at stage tool',
    rule(
      'forbid (principal, action == Action::"generate", resource) when { context.stage == Stage::"tool" };',
    ),
    notAtStage,
  ],
  [
    'a grant of a model call at stage tool',
    rule(
      'permit (principal == Unit::"ward", action == Action::"generate", resource) when { context.stage == Stage::"tool" };',
    ),
    notAtStage,
  ],
  [
    'an action that no tool has',
    { ...rule('forbid (principal, action == Action::"erase", resource);'), ...line('actions', erase) },
    notAtStage,
  ],
  [
    'a time after the term',
    forbidWhen('context.time > datetime("2035-01-01T00:00:00Z")'),
    { message: /forbidden by `8#term`/ },
  ],
  [
    'a grant before the term',
    permitWhen('context.time < datetime("2026-03-01T00:00:00Z")'),
    { message: /forbidden by `8#term`/ },
  ],
  [
    'an exception that always holds',
    rule('forbid (principal, action, resource) unless { context.time > datetime("2000-01-01T00:00:00Z") };'),
    { message: /forbidden by `8#term`/ },
  ],
  [
    'more money than is allotted',
    forbidWhen('context.committed > 10500000'),
    { message: /forbidden by `8#allotted`/ },
  ],
  [
    'more money than the ceiling',
    forbidWhen('context.committed > 5000000000000'),
    { message: /forbidden by `8#allotted`/ },
  ],
  [
    'what two rules of the schedule cover together',
    forbidWhen('context.time > datetime("2035-01-01T00:00:00Z") || context.committed > 10500000'),
    { message: /forbidden by the schedule/ },
  ],
]

/** Close to them, and alive. */
for (const condition of [
  'context.time >= datetime("2029-12-31T23:59:59.999Z")',
  'context.committed >= 10500000',
  'context.stage == Stage::"tool"',
  'context.stage == Stage::"answer"',
]) {
  test(`compileAgreement accepts a rule on ${condition}`, () => {
    assert.deepEqual(compileAgreement(sampleText(forbidWhen(condition))).diagnostics, [])
  })
}

test('compileAgreement leaves rules alone where the schedule lets nothing happen', () => {
  const codes = compileAgreement(sampleText(line('surfaces', '{}'))).diagnostics.map(({ code }) => code)
  assert.deepEqual(codes, ['AGREEMENT_EMPTY_LIST'])
})

const rules: readonly Mistake[] = [
  {
    what: 'invalid Cedar',
    parts: rule('forbid (principal, action resource);'),
    code: 'AGREEMENT_CEDAR_SYNTAX',
    at: 'resource);',
    clause: cedar,
  },
  {
    what: 'a rule without its end',
    parts: rule('forbid (principal, action, resource)'),
    code: 'AGREEMENT_CEDAR_SYNTAX',
  },
  {
    what: 'a comment of another language',
    parts: rule('/* x */ forbid (principal, action, resource);'),
    code: 'AGREEMENT_CEDAR_SYNTAX',
  },
  {
    what: 'a template',
    parts: rule('forbid (principal == ?principal, action, resource);'),
    code: 'AGREEMENT_CEDAR_SYNTAX',
  },
  {
    what: 'a misspelt signal',
    parts: forbidWhen('context.findings.contains(Signal::"population-wach")'),
    code: 'AGREEMENT_UNKNOWN_WORD',
    at: 'Signal::"population-wach"',
    clause: cedar,
    help: /did you mean `population-watch`/,
  },
  {
    what: 'a misspelt signal after letters of two bytes',
    parts: rule('// äöü — 🜁\nforbid (principal, action, resource) when { /* */ true };'),
    code: 'AGREEMENT_CEDAR_SYNTAX',
    at: '/* */',
  },
  {
    what: 'an unknown unit in a chain',
    parts: forbidWhen('context.chain.contains(Unit::"inteligence")'),
    code: 'AGREEMENT_UNKNOWN_WORD',
    help: /`intelligence`/,
  },
  {
    what: 'an unknown unit in the scope',
    parts: rule('permit (principal in Unit::"clinc", action, resource);'),
    code: 'AGREEMENT_UNKNOWN_WORD',
    at: 'Unit::"clinc"',
    help: /`clinic`/,
  },
  {
    what: 'an unknown action',
    parts: rule('forbid (principal, action == Action::"sned", resource);'),
    code: 'AGREEMENT_UNKNOWN_WORD',
    help: /`send`/,
  },
  {
    what: 'an unknown model',
    parts: rule('forbid (principal, action, resource == Model::"larje");'),
    code: 'AGREEMENT_UNKNOWN_WORD',
    help: /`large`/,
  },
  {
    what: 'an unknown provider',
    parts: rule('forbid (principal, action, resource in Provider::"meridan");'),
    code: 'AGREEMENT_UNKNOWN_WORD',
    help: /`meridian`/,
  },
  {
    what: 'an unknown level',
    parts: rule(
      'forbid (principal, action, resource) unless { context.approvals.contains(Level::"two-persons") };',
    ),
    code: 'AGREEMENT_UNKNOWN_WORD',
    help: /`two-person`/,
  },
  {
    what: 'a look-alike word',
    parts: forbidWhen('context.findings.contains(Signal::"pоpulation-watch")'),
    code: 'AGREEMENT_UNKNOWN_WORD',
    help: /`population-watch`/,
  },
  {
    what: 'an escape in a word',
    parts: forbidWhen('context.purpose == Purpose::"c\\u{61}re"'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    message: /escape/,
  },
  {
    what: 'the word unlisted',
    parts: permitWhen('context.purpose == Purpose::"unlisted"'),
    code: 'AGREEMENT_RESERVED_WORD',
    at: 'Purpose::"unlisted"',
  },
  {
    what: 'the word screening-failed',
    parts: forbidWhen('context.findings.contains(Signal::"screening-failed")'),
    code: 'AGREEMENT_RESERVED_WORD',
  },
  {
    what: 'a word of another kind',
    parts: forbidWhen('context.purpose == Signal::"force-advice"'),
    code: 'AGREEMENT_NOT_ACCEPTED',
  },
  {
    what: 'an unknown type',
    parts: forbidWhen('context.purpose == Purposes::"care"'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    also: ['AGREEMENT_CEDAR_TYPE'],
  },
  {
    what: 'an unknown attribute',
    parts: forbidWhen('context.purpse == Purpose::"care"'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    at: 'purpse',
    also: ['AGREEMENT_CEDAR_TYPE'],
  },
  {
    what: 'text in place of a word',
    parts: forbidWhen('context.purpose == "care"'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    also: ['AGREEMENT_CEDAR_TYPE'],
  },
  {
    what: 'a unit in a chain by `in`',
    parts: forbidWhen('Unit::"clinic" in context.chain'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    at: 'in context.chain',
    help: /context\.chain\.contains/,
  },
  {
    what: 'the principal in the chain',
    parts: forbidWhen('context.chain.contains(principal)'),
    code: 'AGREEMENT_NOT_ACCEPTED',
  },
  {
    what: 'a chain within a set',
    parts: permitWhen('[Unit::"clinic"].containsAll(context.chain)'),
    code: 'AGREEMENT_NOT_ACCEPTED',
  },
  {
    what: 'a comparison of sets',
    parts: permitWhen('context.chain == [Unit::"ward"]'),
    code: 'AGREEMENT_NOT_ACCEPTED',
  },
  { what: 'arithmetic', parts: forbidWhen('context.committed * 2 > 10'), code: 'AGREEMENT_NOT_ACCEPTED' },
  {
    what: 'arithmetic as constant',
    parts: forbidWhen('context.committed > 5 + 5'),
    code: 'AGREEMENT_NOT_ACCEPTED',
  },
  {
    what: 'a number that no float holds',
    parts: forbidWhen('context.committed > 9007199254740993'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    help: /9007199254740991/,
  },
  {
    what: 'like',
    parts: forbidWhen('"a" like "a*"'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    at: 'like',
    message: /`like`/,
  },
  {
    what: 'if',
    parts: forbidWhen('if context.stage == Stage::"tool" then true else false'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    at: 'if context',
    message: /`if`/,
  },
  {
    what: 'has',
    parts: forbidWhen('context has purpose'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    at: 'has purpose',
  },
  {
    what: 'is in a condition',
    parts: forbidWhen('principal is Unit'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    at: 'is Unit',
  },
  { what: 'isEmpty', parts: forbidWhen('context.provenance.isEmpty()'), code: 'AGREEMENT_NOT_ACCEPTED' },
  {
    what: 'an offset of time',
    parts: forbidWhen('context.time > datetime("2027-01-01").offset(duration("1d"))'),
    code: 'AGREEMENT_NOT_ACCEPTED',
  },
  {
    what: 'a day that is not',
    parts: forbidWhen('context.time > datetime("2027-02-30")'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    also: ['AGREEMENT_CEDAR_TYPE'],
  },
  {
    what: 'an annotation',
    parts: rule('@id("x")\nforbid (principal, action, resource) when { context.stage == Stage::"tool" };'),
    code: 'AGREEMENT_NOT_ACCEPTED',
    at: '@id',
  },
  {
    what: 'a permit that reads findings',
    parts: permitWhen('context.findings.contains(Signal::"force-advice")'),
    code: 'AGREEMENT_PERMIT_READS',
    at: 'findings.contains(Signal::"force-advice") };',
    nth: 1,
  },
  {
    what: 'a permit that reads findings negated',
    parts: permitWhen('!context.findings.contains(Signal::"force-advice")'),
    code: 'AGREEMENT_PERMIT_READS',
  },
  {
    what: 'a permit that reads approvals',
    parts: permitWhen('context.approvals.contains(Level::"official")'),
    code: 'AGREEMENT_APPROVALS',
  },
  {
    what: 'a permit unless approvals',
    parts: rule(
      'permit (principal == Unit::"ward", action, resource) unless { context.approvals.contains(Level::"official") };',
    ),
    code: 'AGREEMENT_PERMIT_READS',
  },
  {
    what: 'a negated finding',
    parts: forbidWhen('!context.findings.contains(Signal::"force-advice")'),
    code: 'AGREEMENT_FINDING_NEGATED',
    help: /un-negated/,
  },
  {
    what: 'a finding negated twice',
    parts: forbidWhen('!(!(context.findings.contains(Signal::"force-advice")))'),
    code: 'AGREEMENT_FINDING_NEGATED',
  },
  {
    what: 'a finding in an unless',
    parts: rule(
      'forbid (principal, action, resource) unless { context.findings.contains(Signal::"force-advice") };',
    ),
    code: 'AGREEMENT_FINDING_NEGATED',
  },
  {
    what: 'approvals in a when',
    parts: forbidWhen('context.approvals.contains(Level::"official")'),
    code: 'AGREEMENT_APPROVALS',
    at: 'approvals.contains(Level::"official") };',
    nth: 2,
  },
  {
    what: 'approvals with a condition beside them',
    parts: rule(
      'forbid (principal, action, resource) unless { context.approvals.contains(Level::"official") && context.stage == Stage::"tool" };',
    ),
    code: 'AGREEMENT_APPROVALS',
    help: /join only/,
  },
  {
    what: 'either of two approvals',
    parts: rule(
      'forbid (principal, action, resource) unless { context.approvals.contains(Level::"official") || context.approvals.contains(Level::"two-person") };',
    ),
    code: 'AGREEMENT_APPROVALS',
  },
  {
    what: 'any of some approvals',
    parts: rule(
      'forbid (principal, action, resource) unless { context.approvals.containsAny([Level::"official"]) };',
    ),
    code: 'AGREEMENT_APPROVALS',
  },
  {
    what: 'two parts with approvals',
    parts: rule(
      'forbid (principal, action, resource) unless { context.approvals.contains(Level::"official") } unless { context.approvals.contains(Level::"two-person") };',
    ),
    code: 'AGREEMENT_APPROVALS',
    message: /two `unless`/,
  },
  {
    what: 'approvals negated in an unless',
    parts: rule(
      'forbid (principal, action, resource) unless { !context.approvals.contains(Level::"official") };',
    ),
    code: 'AGREEMENT_APPROVALS',
  },
  {
    what: 'a rule that cedar calls impossible',
    parts: forbidWhen('false'),
    code: 'AGREEMENT_CEDAR_TYPE',
    message: /impossible/,
  },
  {
    what: 'two purposes at once',
    parts: forbidWhen('context.purpose == Purpose::"care" && context.purpose == Purpose::"admin"'),
    code: 'AGREEMENT_RULE_IMPOSSIBLE',
    at: 'forbid (principal, action, resource)\nwhen { context.purpose == Purpose::"care" &&',
    clause: cedar,
  },
  {
    what: 'a time before and after',
    parts: forbidWhen('context.time < datetime("2027-01-01") && context.time > datetime("2028-01-01")'),
    code: 'AGREEMENT_RULE_IMPOSSIBLE',
  },
  {
    what: 'a unit without its parent',
    parts: forbidWhen('principal in Unit::"ward" && !context.chain.contains(Unit::"clinic")'),
    code: 'AGREEMENT_RULE_IMPOSSIBLE',
  },
  ...deadRules.map(([what, parts, why]): Mistake => ({
    what,
    parts,
    code: 'AGREEMENT_RULE_IMPOSSIBLE',
    clause: cedar,
    ...why,
  })),
  {
    what: 'a rule on an excluded unit',
    parts: rule('forbid (principal == Unit::"intelligence", action, resource);'),
    code: 'AGREEMENT_RULE_IMPOSSIBLE',
    message: /forbidden by an exclusion/,
    severity: 'warning',
  },
  {
    what: 'a rule with too many ways to be met',
    parts: forbidWhen(
      [
        '(principal in Unit::"ward" && !context.chain.contains(Unit::"ward") || principal in Unit::"clinic" && !context.chain.contains(Unit::"clinic"))',
        ...Array.from({ length: 16 }, (_, i) => `(context.committed != ${i} || context.persons != ${i})`),
      ]
        .toReversed()
        .join(' && '),
    ),
    code: 'AGREEMENT_RULE_UNPROVED',
    clause: cedar,
  },
  {
    what: 'a blanket permit',
    parts: rule('permit (principal, action, resource);'),
    code: 'AGREEMENT_BLANKET_PERMIT',
    severity: 'warning',
  },
  {
    what: 'brackets nested deep',
    parts: forbidWhen(`${'('.repeat(300)}true${')'.repeat(300)}`),
    code: 'AGREEMENT_LIMIT',
  },
  {
    what: 'sets nested deep',
    parts: forbidWhen(`${'['.repeat(300)}true${']'.repeat(300)}`),
    code: 'AGREEMENT_LIMIT',
  },
  {
    what: 'a chain of operators',
    parts: forbidWhen(Array(3_000).fill('true').join(' && ')),
    code: 'AGREEMENT_LIMIT',
  },
]

function placeOf(whole: string, needle: string, nth: number): { line: number; column: number } {
  let at = -1
  for (let i = 0; i < nth; i++) at = whole.indexOf(needle, at + 1)
  assert.ok(at >= 0, `${needle} is not in the text`)
  const before = whole.slice(0, at).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

function assertMistake(mistake: Mistake): void {
  const whole = mistake.text ?? sampleText(mistake.parts)
  const { agreement, diagnostics } = compileAgreement(whole)
  const found = diagnostics.find((each) => each.code === mistake.code)
  assert.ok(found !== undefined, JSON.stringify(diagnostics, null, 1))
  const codes = diagnostics.map((each) => each.code).sort()
  if (mistake.also !== undefined) assert.deepEqual(codes, [mistake.code, ...mistake.also].sort())
  else assert.deepEqual(new Set(codes), new Set([mistake.code]), JSON.stringify(diagnostics, null, 1))
  assert.equal(found.severity, mistake.severity ?? 'error')
  assert.equal(agreement === null, mistake.severity === undefined)
  if (mistake.at !== undefined) {
    assert.deepEqual({ line: found.line, column: found.column }, placeOf(whole, mistake.at, mistake.nth ?? 1))
  }
  if (mistake.clause !== undefined) assert.equal(found.clause, mistake.clause)
  if (mistake.message !== undefined) assert.match(found.message, mistake.message)
  if (mistake.help !== undefined) assert.match(found.help ?? '', mistake.help)
  assertForm(found)
}

function assertForm({ message, help }: Diagnostic): void {
  assert.doesNotMatch(message, /\.$/)
  assert.match(message, /^(?:[a-z`0-9]|U\+|HTML)/)
  assert.doesNotMatch(help ?? '', /\.$/)
}

for (const mistake of [...schedule, ...text, ...rules]) {
  test(`compileAgreement reports ${mistake.what} as ${mistake.code}`, () => assertMistake(mistake))
}

test('compileAgreement accepts the sample without a word', () => {
  const { agreement, diagnostics } = compileAgreement(sampleText())
  assert.deepEqual(diagnostics, [])
  assert.deepEqual(
    agreement?.rules.map((each) => each.id),
    [
      '3#1', '3#2', '4.1#1', '4.1#2', '4.2#1', '4.3#1', '4.3#2', '8#term', '6#exclusion:intelligence-unit',
      '6#exclusion:borealis-models', '8#allotted', '8#ceiling', '2#unlisted-unit', '2#unlisted-model',
      '2#unlisted-surface', '2#unlisted-purpose', '2#unlisted-consumer', '2#unlisted-tool',
      '2#unlisted-provenance', 'system.screening#failed',
    ],
  ) // prettier-ignore
  assert.deepEqual(agreement.rules.find((each) => each.id === '4.3#1')?.liftedBy, ['official'])
})

test('compileAgreement numbers the policies of a clause over all its blocks, more than ten too', () => {
  const policies = Array.from(
    { length: 12 },
    (_, i) => `forbid (principal, action, resource) when { context.committed > ${i} };`,
  )
  const { agreement } = compileAgreement(
    sampleText(
      rule(
        `${policies.slice(0, 5).join('\n')}\n\`\`\`\n\nand\n\n\`\`\`cedar\n${policies.slice(5).join('\n')}`,
      ),
    ),
  )
  const values = agreement?.rules.filter((each) => each.clause === '4.9').map((each) => [each.id, each.test])
  assert.deepEqual(
    values,
    policies.map((_, i) => [
      `4.9#${i + 1}`,
      { op: 'compare', attribute: 'committed', comparison: '>', value: i },
    ]),
  )
})

test('compileAgreement never throws, and gives an agreement exactly where there is no error', () => {
  const whole = sampleText()
  const pieces = [
    '```',
    '---\n',
    '"',
    '\\',
    '(',
    '{',
    ';',
    '#',
    '## 9 X\n',
    'unlisted',
    '\n',
    'permit',
    '!',
    '&&',
    '-1',
    '\t',
    '<',
    ':',
  ]
  const edit = fc.record({
    at: fc.nat(whole.length),
    cut: fc.nat(40),
    put: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 5 })),
  })
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const changed = edits.reduce(
        (text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut),
        whole,
      )
      const { agreement, diagnostics } = compileAgreement(changed)
      assert.equal(
        agreement === null,
        diagnostics.some((each) => each.severity === 'error'),
      )
    }),
    { numRuns: 400 },
  )
})

test('compileAgreement reads long lines and unclosed texts in linear time', () => {
  const long = [
    `# ${' '.repeat(400_000)}x`,
    '<a'.repeat(200_000),
    `permit${' '.repeat(400_000)}`,
    `\`\`\`cedar\n${'"\\'.repeat(150_000)}\n\`\`\``,
    '> '.repeat(200_000),
  ]
  const started = performance.now()
  for (const each of long) compileAgreement(sampleText(body(each)))
  assert.ok(performance.now() - started < 5_000)
})

test('compileAgreement reports all mistakes at once, in the order of the file', () => {
  const parts = {
    ...forbidWhen('context.purpose == Purpose::"car" && context.surface == Surface::"consol"'),
    id: 'Bad',
  }
  const { diagnostics } = compileAgreement(sampleText(parts))
  assert.deepEqual(
    diagnostics.map((each) => each.code),
    ['AGREEMENT_ID', 'AGREEMENT_UNKNOWN_WORD', 'AGREEMENT_UNKNOWN_WORD'],
  )
})

test('compileAgreement lets prose speak of permission, of acts and of resources', () => {
  const prose = [
    'The parties permit each listed act (also on behalf of others) and forbid the rest.',
    'Permission of the resource owner is no permit for any action under this agreement.',
    'See [the directive](https://example.org/a?b=c&d#e), [the annex](#annex) and <https://example.org>; R&D [sic] (all).',
    'Договор разрешает действие; стороны вправе его изменить.',
  ]
  assert.deepEqual(compileAgreement(sampleText(body(prose.join('\n\n')))).diagnostics, [])
})

test('compileAgreement keeps a semicolon and a fence within a comment or a text where they are', () => {
  const { agreement, diagnostics } = compileAgreement(
    sampleText(
      rule(
        '// permit; ``` nothing\nforbid (principal, action, resource) // ; }\nwhen { context.stage == Stage::"tool" };',
      ),
    ),
  )
  assert.deepEqual(diagnostics, [])
  assert.equal(agreement?.rules.filter((each) => each.clause === '4.9').length, 1)
})

test('compileAgreement holds several exclusive forms of a rule to be the same', () => {
  const forms = [
    'context.purpose in [Purpose::"care", Purpose::"admin"]',
    '[Purpose::"care", Purpose::"admin"].contains(context.purpose)',
    'context["purpose"] in [Purpose::"care", Purpose::"admin"]',
  ]
  const tests = forms.map(
    (form) =>
      compileAgreement(sampleText(forbidWhen(form))).agreement?.rules.find((each) => each.clause === '4.9')
        ?.test,
  )
  for (const each of tests)
    assert.deepEqual(each, { op: 'word-is', attribute: 'purpose', words: ['care', 'admin'] })
})

test('compileAgreement keeps what the upstream calls a model', () => {
  const models = `
  large: { provider: meridian, name: "Org/Large-70B", clause: "2" }
  small: { provider: meridian, clause: "2" }
  north: { provider: borealis, clause: "2" }`
  const { agreement } = compileAgreement(sampleText(line('models', models)))
  assert.deepEqual(
    agreement?.schedule.models.map(({ name }) => name),
    ['Org/Large-70B', undefined, undefined],
  )
})

test('compileAgreement reads how many persons a level asks, one where nothing is said', () => {
  const levels =
    '{ two-person: { title: Two officials, persons: 2, clause: "2" }, official: { clause: "2" } }'
  const { agreement, diagnostics } = compileAgreement(sampleText(line('levels', levels)))
  assert.deepEqual(diagnostics, [])
  assert.deepEqual(
    agreement?.schedule.levels.map(({ id, persons }) => [id, persons]),
    [
      ['two-person', 2],
      ['official', 1],
    ],
  )
  const nine = compileAgreement(sampleText(line('levels', levels.replace('persons: 2', 'persons: 9'))))
  assert.deepEqual(nine.diagnostics, [])
})
