/** A comparison as one page of HTML for counsel: whole in one file, without scripts, made to be printed. */
import { createHash } from 'node:crypto'
import { readingNotes } from '../../agreement/index.ts'
import type { TermChange } from '../../agreement/index.ts'
import { Markup, joined, markup } from '../export/markup.ts'
import { pageStyle } from './page-style.ts'
import { directions, nameOf, sharedInWords, shortOf } from './report.ts'
import type { ComparedFile, DiffReport, Direction, NumberedChange, NumberedGroup } from './report.ts'
import { sentenceMarkup } from './sentence-markup.ts'
import { textsMarkup } from './texts-markup.ts'

/** The same two versions give the same bytes. */
export function diffPage(report: DiffReport): string {
  const { before, after, verdict, comparison } = report
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(pageStyle).digest('base64')}'`
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>${nameOf(after)} compared with ${nameOf(before)}</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
<header>
<h1>${after.agreement.schedule.title}: what changes</h1>
<p class="verdict ${comparison.verdict}">${sentenceMarkup(verdict)}.</p>
${versionsMarkup(report)}
</header>
<main>
${shortMarkup(report)}
${notesMarkup(report)}
${section(directions.map((direction) => changesMarkup(report, direction)))}
${termsMarkup(report.terms)}
${witnessesMarkup(report)}
${textsMarkup(report)}
</main>
</body>
</html>
`.html
}

function section(parts: readonly Markup[]): Markup {
  return joined(parts, '\n')
}

const nothing = new Markup('')

function versionsMarkup({ before, after, confirmed, groups }: DiffReport): Markup {
  const file = (label: string, compared: ComparedFile): Markup =>
    markup`<dt>${label}</dt><dd>${nameOf(compared)}, <code>${compared.file}</code>, <code>${compared.agreement.hash}</code></dd>`
  const check =
    groups.length === 0
      ? nothing
      : markup`<dt>Checked</dt><dd>Cedar decides ${confirmed} situations as this page says, under either version</dd>`
  return markup`<dl>${file('Old', before)}${file('New', after)}${check}</dl>`
}

function shortMarkup(report: DiffReport): Markup {
  const rows = directions.flatMap((direction) =>
    shortOf(report, direction).map(({ says, see }) => shortRow(direction, says, see)),
  )
  if (rows.length === 0) return nothing
  return markup`<section>
<h2>In short</h2>
<table>
<thead><tr><th>The new version is</th><th>because</th><th>see</th></tr></thead>
<tbody>${joined(rows, '\n')}</tbody>
</table>
</section>`
}

function shortRow(direction: Direction, says: string, see: string): Markup {
  return markup`<tr class="${direction}"><td class="direction">${labels[direction]}</td><td>${sentenceMarkup(says)}</td><td class="see">${see}</td></tr>`
}

const labels: Readonly<Record<TermChange['change'], string>> = {
  weaker: 'weaker',
  both: 'both ways',
  stronger: 'stronger',
  neutral: 'neither',
}

function notesMarkup({ groups }: DiffReport): Markup {
  if (groups.length === 0) return nothing
  const notes = joined(
    readingNotes.map((note) => markup`<p>${note}</p>`),
    '\n',
  )
  return markup`<section class="notes">
<h2>How to read this</h2>
${notes}
</section>`
}

const titles: Readonly<Record<Direction, string>> = {
  weaker: 'Weaker: allowed now and not before, or with less approval',
  both: 'Both ways: others must approve',
  stronger: 'Stronger: allowed before and not now, or with more approval',
}

function changesMarkup({ groups }: DiffReport, direction: Direction): Markup {
  const own = groups.filter((group) => group.direction === direction)
  if (own.length === 0) return nothing
  return markup`<section>
<h2>${titles[direction]}</h2>
${joined(own.map(groupMarkup), '\n')}
</section>`
}

function groupMarkup(group: NumberedGroup): Markup {
  const shared = sharedInWords(group)
  return markup`<h3>${sentenceMarkup(group.heading)}</h3>
${shared === null ? nothing : markup`<p>${sentenceMarkup(shared)}.</p>`}
<table class="changes">
<thead><tr><th></th><th>Who may do what</th><th>By which clauses</th></tr></thead>
<tbody>${joined(group.changes.map(changeRow), '\n')}</tbody>
</table>`
}

function changeRow({ number, words }: NumberedChange): Markup {
  const cases = words.cases.map((each) => markup`<li>${sentenceMarkup(each)}</li>`)
  const more = words.more ? [markup`<li>and further cases of the same kind</li>`] : []
  return markup`<tr><td class="number">${number}</td><td><ul>${joined([...cases, ...more], '')}</ul></td><td class="clauses">${sentenceMarkup(words.summary)}</td></tr>`
}

function termsMarkup(terms: readonly TermChange[]): Markup {
  if (terms.length === 0) return nothing
  const rows = terms.map(
    ({ change, clause, line, says }) =>
      markup`<tr class="${change}"><td class="direction">${labels[change]}</td><td>${clause}</td><td><code>${line}</code></td><td>${sentenceMarkup(says)}</td></tr>`,
  )
  return markup`<section>
<h2>Terms of the schedule</h2>
<table>
<thead><tr><th>Direction</th><th>Clause</th><th>Line</th><th>What changes</th></tr></thead>
<tbody>${joined(rows, '\n')}</tbody>
</table>
</section>`
}

/** For whoever doubts: `servanda explain FILE --request` decides each of them as the page says. */
function witnessesMarkup({ groups }: DiffReport): Markup {
  const rows = groups.flatMap(({ changes }) =>
    changes.map(
      ({ number, witness }) =>
        markup`<tr><td class="number">${number}</td><td><code>${JSON.stringify(witness)}</code></td></tr>`,
    ),
  )
  if (rows.length === 0) return nothing
  return markup`<section>
<h2>A request for each change</h2>
<p>Saved as a file, each is decided by <code>servanda explain</code> under either version as the change of its number says.</p>
<table class="witness">
<tbody>${joined(rows, '\n')}</tbody>
</table>
</section>`
}
