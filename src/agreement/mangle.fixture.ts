/** Mangled agreements for the fuzz: what hands, editors and enemies make of a good text. */

const tokens = [
  '---\n', '\n---\n', '```', '```cedar\n', '~~~', '# ', '## 9 ', '### 4.1 X\n', '> ', '- ', '{', '}', '[', ']', ': ', ', ',
  '"', "'", '\\', '&a ', '*a', '<<: *a', '!!map ', '%YAML 1.1\n', '? ', '| ', '>-\n', '\t', '\n', '\n\n', '\r\n', '<!-- ',
  ' -->', '<b>', '![x](y)', '[x]: y', '&amp;', 'permit (principal, action, resource);', 'forbid', 'when { ', 'unless { ',
  'context.', 'findings.contains(', 'Signal::"', 'Level::"two-archivists"', 'datetime("', '!', '&&', '||', '==', '-1',
  '9007199254740993', '1e999', '0x10', 'true', 'null', '~', '@id("x")', '?principal', '/*', '// ', 'unlisted',
  'clause: "9.9"', 'until: 2028-01-01T00:00:00Z', 'quorum: nine of x', 'any lawful use', 'where law requires human control',
  'This clause has no rule', '\u0000', '\u00ad', '\u200b', '\u202e', '\ufeff', '\u2028', '\ud800', '\udfff', '😀', 'é',
  'e\u0301\u0301\u0301', 'ß', 'İ', '\u0660', '__proto__', 'constructor', 'toString', 'hasOwnProperty',
] // prettier-ignore

/** A number from 0 to below `end`. */
type Draw = (end: number) => number

/** mulberry32: the same seed, the same numbers. */
function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  return (end) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end)
  }
}

function one<T>(items: readonly T[], draw: Draw): T {
  const item = items[draw(items.length)]
  if (item === undefined) throw new RangeError('nothing to draw from')
  return item
}

type Mangle = (text: string, draw: Draw, texts: readonly string[]) => string

const mangles: readonly Mangle[] = [
  function flipByte(text, draw) {
    const bytes = Buffer.from(text, 'utf8')
    if (bytes.length > 0) bytes[draw(bytes.length)] = draw(256)
    return bytes.toString('utf8')
  },
  function flipUnit(text, draw) {
    return splice(text, draw(text.length + 1), 1, String.fromCharCode(draw(0x10000)))
  },
  function cut(text, draw) {
    return splice(text, draw(text.length + 1), draw(draw(400) + 1), '')
  },
  function cutShort(text, draw) {
    return text.slice(0, draw(text.length + 1))
  },
  function putIn(text, draw) {
    return splice(text, draw(text.length + 1), 0, one(tokens, draw))
  },
  function putOver(text, draw) {
    return splice(text, draw(text.length + 1), draw(12), one(tokens, draw))
  },
  function sayTwice(text, draw) {
    const at = draw(text.length + 1)
    return splice(text, at, 0, text.slice(at, at + draw(300)).repeat(1 + draw(4)))
  },
  function swapLines(text, draw) {
    const lines = text.split('\n')
    const [i, j] = [draw(lines.length), draw(lines.length)]
    return lines
      .with(i, lines[j] ?? '')
      .with(j, lines[i] ?? '')
      .join('\n')
  },
  function dropLine(text, draw) {
    const lines = text.split('\n')
    return lines.toSpliced(draw(lines.length), 1).join('\n')
  },
  function sayLineTwice(text, draw) {
    const lines = text.split('\n')
    const line = draw(lines.length)
    return lines.toSpliced(line, 0, lines[line] ?? '').join('\n')
  },
  function mixIn(text, draw, texts) {
    const other = one(texts, draw)
    const at = draw(other.length + 1)
    return splice(text, draw(text.length + 1), draw(200), other.slice(at, at + draw(800)))
  },
  function changeNumber(text, draw) {
    const numbers = [...text.matchAll(/\d+/g)]
    if (numbers.length === 0) return text
    const { index, 0: digits } = one(numbers, draw)
    const instead = ['0', '-1', '1.5', '99999999999999999999', '00', '1e9', '2', String(draw(1_000))]
    return splice(text, index, digits.length, one(instead, draw))
  },
  function swapWords(text, draw) {
    const words = [...text.matchAll(/[\w-]{2,}/g)]
    if (words.length === 0) return text
    const { index, 0: word } = one(words, draw)
    return splice(text, index, word.length, one(words, draw)[0])
  },
  function nest(text, draw) {
    const open = one(['[', '{a: ', '(', '!', '> ', '- ', '((', '{ ', '`', '#', '*', '&a ', '"'], draw)
    return splice(text, draw(text.length + 1), 0, open.repeat(1 + draw(one([8, 60, 3_000], draw))))
  },
  function lengthenLine(text, draw) {
    return splice(text, draw(text.length + 1), 0, one(['a', 'any ', ' ', '.', '!)', '<a ', '1.'], draw).repeat(draw(20_000)))
  },
  function bomb(text, draw) {
    const doublings = Array.from({ length: draw(30) }, (_, i) => `b${i + 1}: &b${i + 1} [*b${i}, *b${i}]\n`)
    return splice(text, Math.min(4, text.length), 0, `b0: &b0 [x]\n${doublings.join('')}`)
  },
] // prettier-ignore

function splice(text: string, at: number, remove: number, put: string): string {
  return text.slice(0, at) + put + text.slice(at + remove)
}

/** One of the texts after one to six changes; the same seed gives the same text. */
export function mangled(texts: readonly string[], seed: number): string {
  const draw = drawFrom(seed)
  let text = one(texts, draw)
  for (let left = 1 + draw(one([1, 2, 6], draw)); left > 0; left--)
    text = one(mangles, draw)(text, draw, texts)
  return text
}
