import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readPage } from './page.fixture.ts'
import { proseMarkup } from './prose.ts'

const render = (text: string): string => proseMarkup(text.split('\n')).html

const cases: readonly (readonly [what: string, prose: string, html: string])[] = [
  ['paragraphs', 'One\nline.\n\nTwo.', '<p>One\nline.</p>\n<p>Two.</p>'],
  [
    'a list',
    '- one\n- two\n  goes on\n\nAfter.',
    '<ul><li>one</li><li>two\ngoes on</li></ul>\n<p>After.</p>',
  ],
  [
    'numbers as they are',
    '3. three\n7) seven',
    '<ol class="own-numbers"><li>3. three</li><li>7) seven</li></ol>',
  ],
  ['a quotation', '> said\nand done', '<blockquote><p>said\nand done</p></blockquote>'],
  ['indented text', '    a   b\n    c', '<pre>    a   b\n    c</pre>'],
  ['a table, as it is', '| a | b |\n| - | - |', '<pre>| a | b |\n| - | - |</pre>'],
  ['a rule across the page', 'A\n\n---\n\nB', '<p>A</p>\n<hr>\n<p>B</p>'],
  ['code', 'the word `a *b* <c>` here', '<p>the word <code>a *b* &lt;c&gt;</code> here</p>'],
  ['longer code marks', '``a ` b``', '<p><code>a ` b</code></p>'],
  ['emphasis', '*a* and **b *c* d**', '<p><em>a</em> and <strong>b <em>c</em> d</strong></p>'],
  ['marks that are none', '2 * 3 * 4, `open, **open', '<p>2 * 3 * 4, `open, **open</p>'],
  [
    'a link with its address',
    '[the law](https://example.org/a?b&c)',
    '<p>the law (<code>https://example.org/a?b&amp;c</code>)</p>',
  ],
  ['a script for a link', '[x](javascript:alert)', '<p>x (<code>javascript:alert</code>)</p>'],
  ['tags', '<script>alert("1")</script>', '<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</p>'],
  ['what turns the text around', 'a\u202Eb', '<p>a\\u{202E}b</p>'],
]
for (const [what, prose, html] of cases) {
  test(`proseMarkup prints ${what}`, () => assert.equal(render(prose), html))
}

test('proseMarkup leaves no word out, adds none, and is well formed, whatever the marks', () => {
  const piece = fc.constantFrom(
    ...'a b C 7 . * ** ` `` [ ] ]( ) ( - > | _ \n \n\n 1. < & " # + \\ '.split(' '),
    ' ',
    '    ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const prose = pieces.join('')
      const { text } = readPage(render(prose))
      assert.equal(wordsOf(text), wordsOf(prose))
    }),
    { numRuns: 2_000 },
  )
})

test('proseMarkup takes time in proportion to the text', () => {
  for (const hostile of ['`', '*', '**a', '[', '[a](', '`` ` ', '- ', '> ']) {
    const before = performance.now()
    render(hostile.repeat(100_000))
    assert.ok(performance.now() - before < 5_000, hostile)
  }
})

function wordsOf(text: string): string {
  return text.replace(/[^a-zA-Z0-9]/g, '')
}
