/** Reads the pages that we write, strictly: whatever is not on the lists is a mistake. */
import assert from 'node:assert/strict'

const tags = new Set(
  (
    'a b blockquote body caption code dd div dl dt em h1 h2 h3 h4 h5 h6 head header hr html li main meta nav ol p pre ' +
    'section span strong style table tbody td th thead title tr ul'
  ).split(' '),
)
const alone = new Set(['meta', 'hr'])
const attributes = new Set('aria-label charset class content href http-equiv id lang name scope'.split(' '))
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

export interface Page {
  /** What a reader sees, in one line. */
  readonly text: string
  readonly ids: ReadonlySet<string>
}

/** Asserts that tags are known, balanced and carry nothing but what we write, and that links lead somewhere within. */
export function readPage(html: string): Page {
  const open: string[] = []
  const ids = new Set<string>()
  const links: string[] = []
  let text = ''
  for (const [piece] of html.replace(/^<!doctype html>\n/, '').matchAll(/<[^>]*>|[^<]+/g)) {
    if (!piece.startsWith('<')) {
      if (open.at(-1) !== 'style') text += decoded(piece)
      continue
    }
    const [, closing, name = '', rest = ''] =
      /^<(\/?)([a-z0-9]+)((?: [a-z-]+="[^"<>]*")*)>$/.exec(piece) ?? assert.fail(piece)
    assert.ok(tags.has(name), piece)
    if (closing === '/') assert.equal(open.pop(), name, piece)
    else if (!alone.has(name)) open.push(name)
    // A block ends the word before it; what stands within a line does not.
    if (!['a', 'b', 'code', 'em', 'span', 'strong'].includes(name)) text += ' '
    for (const [, attribute = '', value = ''] of rest.matchAll(/ ([a-z-]+)="([^"]*)"/g)) {
      assert.ok(attributes.has(attribute), piece)
      if (attribute === 'href') links.push(value)
      if (attribute !== 'id') continue
      assert.ok(!ids.has(value), `${value} stands there twice`)
      ids.add(value)
    }
  }
  assert.deepEqual(open, [])
  for (const link of links) assert.ok(link.startsWith('#') && ids.has(link.slice(1)), link)
  return { text: text.replace(/\s+/g, ' '), ids }
}

function decoded(text: string): string {
  return text.replace(/&([^;]*);/g, (_, name: string) => entities[name] ?? assert.fail(`&${name};`))
}
