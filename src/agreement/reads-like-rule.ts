/** Whether a person would take a text for a rule, however its letters and blanks are made. */

/** Letters of the words looked for, each with characters that are drawn like it and do not decompose to it. */
const drawnAlike = [
  'aаαɑᴀᎪ', 'bЬьВƅβɓƀʙᏴ', 'cсϲςƈᴄᏟ', 'dԁɗđᴅᎠ', 'eеєεҽᴇᎬ', 'fƒϝғꜰ', 'iіιıɩɪӏᏆ', 'lӏʟᏞ', 'mмМΜᴍᎷ', 'nпηոռΝɴ',
  'oоοσօᴏ', 'pрρƿᴘᏢ', 'rгɾᴦʀᎡ', 'sѕʂꜱᏚ', 'tтτƭŧᴛᎢ', 'uυսʋᴜ',
] // prettier-ignore

const lookAlikes: ReadonlyMap<string, string> = new Map(
  drawnAlike.flatMap(([letter = '', ...drawn]) => drawn.map((char) => [char, letter] as const)),
)

const effect = /\b(?:permit|forbid)\b/gi
const scope = /\b(?:principal|action|resource)\b/gi
/** Without a bracket the scope has to stand in the same sentence, or prose about permission would be refused. */
const opened = /^[a-z]+ ?[([{]/i
/** Characters behind `permit` or `forbid` in which the scope is looked for; runs of blanks count as one. */
const reach = 300

/**
 * The line, from 0, at which `permit` or `forbid` stands with two words of a scope close behind it, whatever marks
 * of Markdown and comments of Cedar lie between; -1 where there is none.
 */
export function lineOfRule(lines: readonly string[]): number {
  const folded = lines.map(fold)
  const found = lineOfScope(folded)
  return found >= 0 ? found : lineOfScope(folded.map((line) => line.replace(/\/\/.*/, '')))
}

function fold(line: string): string {
  return line
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}*_`~\\]/gu, '')
    .replace(/[^\x20-\x7e]/gu, (char) => lookAlikes.get(char) ?? lookAlikes.get(char.toLowerCase()) ?? ' ')
}

function lineOfScope(lines: readonly string[]): number {
  const starts: number[] = []
  let text = ''
  for (const line of lines) {
    starts.push(text.length)
    const words = line.replace(/\s+/g, ' ').trim()
    if (words !== '') text += `${words} `
  }
  for (const { index } of text.matchAll(effect)) {
    const behind = text.slice(index, index + reach)
    const near = opened.test(behind) ? behind : (behind.split(/[.!?] /, 1)[0] ?? '')
    const words = near.match(scope) ?? []
    const distinct = new Set(words.map((word) => word.toLowerCase()))
    if (distinct.size > 1) return starts.findLastIndex((start) => start <= index)
  }
  return -1
}
