/** The texts of both versions beside each other on a page: the passages that differ, with the words marked. */
import { Markup, joined, markup } from '../export/markup.ts'
import { textsOf } from './report.ts'
import type { DiffReport } from './report.ts'
import { passagesOf } from './text-difference.ts'
import type { Cell, Piece, Row } from './text-difference.ts'

/** Rows of a page: what is more is left to the files themselves. */
const rowsMax = 4_000

export function textsMarkup(report: DiffReport): Markup {
  if (!report.comparison.textChanged) {
    return markup`<section><h2>Text</h2><p>The two files are the same, byte by byte.</p></section>`
  }
  const passages = passagesOf(...textsOf(report))
  if (passages === null) {
    return markup`<section><h2>Text</h2><p>The two texts have too little in common to be set side by side.</p></section>`
  }
  const bodies: Markup[] = []
  let rows = 0
  for (const passage of passages) {
    if (rows + passage.length > rowsMax) break
    rows += passage.length
    bodies.push(markup`<tbody>${joined(passage.map(rowMarkup), '\n')}</tbody>`)
  }
  const left = passages.length - bodies.length
  return markup`<section>
<h2>Text, side by side</h2>
<table class="texts">
<colgroup><col class="line"><col><col class="line"><col></colgroup>
<thead><tr><th colspan="2">Old</th><th colspan="2">New</th></tr></thead>
${joined(bodies, '\n')}
</table>
${left > 0 ? markup`<p>${left} more passages differ, which stand in the files.</p>` : new Markup('')}
</section>`
}

function rowMarkup({ before, after }: Row): Markup {
  return markup`<tr>${cellMarkup(before, 'del')}${cellMarkup(after, 'ins')}</tr>`
}

function cellMarkup(cell: Cell | null, mark: 'del' | 'ins'): Markup {
  if (cell === null) return markup`<td class="line"></td><td class="text"></td>`
  const pieces = cell.pieces.map((piece) => pieceMarkup(piece, mark))
  return markup`<td class="line">${cell.line}</td><td class="text">${joined(pieces, '')}</td>`
}

function pieceMarkup({ text, same }: Piece, mark: 'del' | 'ins'): Markup {
  if (same) return markup`${text}`
  return mark === 'del' ? markup`<del>${text}</del>` : markup`<ins>${text}</ins>`
}
