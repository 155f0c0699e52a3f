/** The schedule as tables: each line by its name, in plain words, with the clause that it stands under. */
import type { Schedule } from '../../agreement/index.ts'
import { joined, markup } from './markup.ts'
import type { Markup } from './markup.ts'
import { listTables, singleLines } from './schedule-words.ts'

interface Row {
  /** Absent for what stands in the schedule once. */
  readonly id?: string
  readonly title?: string
  readonly says: readonly string[]
  readonly clause: string
}

/** Lists that are empty have no table, and what is left out has no line. */
export function scheduleMarkup(schedule: Schedule): Markup {
  const lists = keysOf(listTables).map((key) => table(listTables[key].title, rowsOf(key, schedule)))
  return joined([table('Term, money, records', singleRows(schedule)), ...lists], '\n')
}

function singleRows(schedule: Schedule): Row[] {
  return keysOf(singleLines).flatMap((key) => singleRow(key, schedule))
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- ties a line to its own words
function singleRow<K extends keyof typeof singleLines>(key: K, schedule: Schedule): Row[] {
  const line: Schedule[K] | undefined = schedule[key]
  if (line === undefined) return []
  const { title, says } = singleLines[key]
  return [{ title, says: says(line), clause: line.clause }]
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- ties a line to its own words
function rowsOf<K extends keyof typeof listTables>(key: K, schedule: Schedule): Row[] {
  const { says } = listTables[key]
  // The lines of a key are what its `says` takes; the compiler loses that over a union of keys.
  const lines = schedule[key] as readonly Parameters<typeof says>[0][]
  return lines.map((line) => ({
    id: line.id,
    ...('title' in line ? { title: line.title } : {}),
    says: says(line, schedule),
    clause: line.clause,
  }))
}

function table(title: string, rows: readonly Row[]): Markup {
  if (rows.length === 0) return markup``
  // Where titles say it all, there is no empty column beside them.
  const hasWords = rows.some(({ says }) => says.length > 0)
  const lines = rows.map(({ id, title: name, says, clause }) => {
    const words = hasWords ? markup`<td>${says.join(' ')}</td>` : markup``
    return markup`<tr><th scope="row">${nameMarkup(id, name)}</th>${words}<td class="at">${clauseLink(clause)}</td></tr>
`
  })
  const column = hasWords ? markup`<th scope="col">What it says</th>` : markup``
  return markup`<table>
<caption>${title}</caption>
<thead><tr><th scope="col">Name</th>${column}<th scope="col" class="at">Clause</th></tr></thead>
<tbody>
${lines}</tbody>
</table>`
}

function nameMarkup(id: string | undefined, title: string | undefined): Markup {
  const code = id === undefined ? [] : [markup`<code>${id}</code>`]
  return joined([...(title === undefined ? [] : [markup`${title}`]), ...code], ' ')
}

/** To a numbered clause of this document; what holds under every agreement has none. */
function clauseLink(clause: string): Markup {
  return /^\d/.test(clause) ? markup`<a href="#clause-${clause}">${clause}</a>` : markup`${clause}`
}

function keysOf<T extends object>(record: T): (keyof T)[] {
  return Object.keys(record) as (keyof T)[]
}
