/** A comparison for a terminal: the verdict, what is weaker, what is stronger, the terms, the text. */
import { readingNotes } from '../../agreement/index.ts'
import type { TermChange } from '../../agreement/index.ts'
import { printableBlock } from '../printable.ts'
import { directions, nameOf, sharedInWords, shortOf, termsPlace, textsOf } from './report.ts'
import type { DiffReport, Direction, NumberedChange, NumberedGroup } from './report.ts'
import { unifiedPatch } from './text-difference.ts'

const columns = 100
/** Cases of one change and lines of the text that are printed; the rest is in the other two forms. */
const casesMax = 2
const patchLinesMax = 120
/** Lines of the schedule that bind nobody more or less. */
const neutralMax = 12

const titles: Readonly<Record<Direction, string>> = {
  weaker: 'WEAKER: allowed now and not before, or with less approval',
  both: 'BOTH WAYS: others must approve',
  stronger: 'STRONGER: allowed before and not now, or with more approval',
}

export function diffText(report: DiffReport): string {
  const parts = [
    headPart(report),
    shortPart(report),
    notesPart(report),
    ...directions.map((direction) => changesPart(report, direction)),
    termsPart(report),
    textPart(report),
  ]
  return printableBlock(
    `${parts
      .filter((part) => part.length > 0)
      .map(joinLines)
      .join('\n\n')}\n`,
  )
}

function joinLines(lines: readonly string[]): string {
  return lines.join('\n')
}

function headPart(report: DiffReport): string[] {
  const { before, after, verdict, confirmed, groups } = report
  const file = (label: string, compared: DiffReport['before']): string =>
    `  ${label}  ${nameOf(compared)}, ${compared.file}, ${compared.agreement.hash}`
  return [
    ...wrap(`${verdict}.`, '', ''),
    '',
    file('old', before),
    file('new', after),
    ...(groups.length > 0
      ? [`  cedar confirms the changes in ${confirmed} situations, under either version`]
      : []),
  ]
}

/** A line for each clause and term that changes something. */
function shortPart(report: DiffReport): string[] {
  const lines = directions.flatMap((direction) => {
    const own = shortOf(report, direction)
    const told = own.flatMap(({ says, see }) =>
      wrap(see === termsPlace ? says : `${says} (${see})`, '  - ', '    '),
    )
    return own.length === 0 ? [] : [`  ${direction}`, ...told]
  })
  return lines.length === 0 ? [] : ['IN SHORT', '', ...lines]
}

function notesPart({ groups }: DiffReport): string[] {
  if (groups.length === 0) return []
  return ['HOW TO READ THIS', '', ...readingNotes.flatMap((note) => wrap(note, '  - ', '    '))]
}

function changesPart({ groups }: DiffReport, direction: Direction): string[] {
  const own = groups.filter((group) => group.direction === direction)
  if (own.length === 0) return []
  return [titles[direction], ...own.flatMap(groupLines)]
}

function groupLines(group: NumberedGroup): string[] {
  const shared = sharedInWords(group)
  return [
    '',
    ...wrap(group.heading, '  ', '  '),
    ...(shared === null ? [] : wrap(shared, '  ', '  ')),
    ...group.changes.flatMap(changeLines),
  ]
}

function changeLines({ number, words }: NumberedChange): string[] {
  const label = `${String(number).padStart(4)}  `
  const told = words.cases.slice(0, casesMax)
  const left = words.cases.length - told.length
  return [
    ...wrap(words.summary, label, '      '),
    ...told.flatMap((each) => wrap(each, '      - ', '        ')),
    ...(left > 0 ? [`      - and ${left} more, which --json and --html tell`] : []),
    ...(words.more ? ['      - and further cases of the same kind'] : []),
  ]
}

/** What binds nobody more or less is cut where it is long. */
function termsPart({ terms }: DiffReport): string[] {
  if (terms.length === 0) return []
  const width = Math.max(...terms.map(({ clause }) => clause.length))
  const neutral = terms.filter(({ change }) => change === 'neutral')
  const told = [...terms.filter(({ change }) => change !== 'neutral'), ...neutral.slice(0, neutralMax)]
  const left = terms.length - told.length
  return [
    'TERMS OF THE SCHEDULE',
    '',
    ...told.flatMap(({ change, clause, says }) =>
      wrap(says, `  ${labels[change].padEnd(8)}  ${clause.padEnd(width)}  `, ' '.repeat(14 + width)),
    ),
    ...(left > 0 ? [`  and ${left} more that bind nobody more or less; --html shows all`] : []),
  ]
}

const labels: Readonly<Record<TermChange['change'], string>> = {
  weaker: 'weaker',
  both: 'both',
  stronger: 'stronger',
  neutral: 'neither',
}

function textPart(report: DiffReport): string[] {
  const [before, after] = textsOf(report)
  const patch = unifiedPatch(before, after)
  if (patch === '') return ['TEXT', '', '  the two files are the same, byte by byte']
  if (patch === null) return ['TEXT', '', '  the two texts have too little in common to be set side by side']
  const lines = patch.trimEnd().split('\n')
  const left = lines.length - patchLinesMax
  return [
    'TEXT',
    '',
    ...lines.slice(0, patchLinesMax),
    ...(left > 0
      ? ['', `  ${left} more lines of the text differ or stand beside them; --html shows all`]
      : []),
  ]
}

/** Breaks at blanks; the first line begins with `first`, the others with `next`. */
function wrap(text: string, first: string, next: string): string[] {
  const lines: string[] = []
  let line = first
  let empty = true
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = next
      empty = true
    }
    line += empty ? word : ` ${word}`
    empty = false
  }
  return [...lines, line]
}
