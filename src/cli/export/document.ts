/** An agreement as one page of HTML made for paper: what counsel reads, marks and files. */
import { createHash } from 'node:crypto'
import type { Agreement } from '../../agreement/index.ts'
import { bodyOf } from './body.ts'
import type { BodyPart } from './body.ts'
import { documentStyle } from './document-style.ts'
import { Markup, joined, markup } from './markup.ts'
import { proseMarkup } from './prose.ts'
import { ruleMarkup } from './rule-box.ts'
import { scheduleMarkup } from './schedule-tables.ts'
import { instant } from './schedule-words.ts'
import { demoWarning, digestsMarkup, signaturesMarkup } from './signature-pages.ts'
import type { Signatures } from './signature-pages.ts'

type Heading = Extract<BodyPart, { kind: 'heading' }>

/** Without script and without anything from elsewhere. The same agreement and signatures give the same bytes. */
export function documentOf(agreement: Agreement, signatures: Signatures | null): string {
  const { schedule, hash } = agreement
  const parts = bodyOf(agreement)
  const headings = parts.filter((part) => part.kind === 'heading' && part.clause !== undefined) as Heading[]
  const style = documentStyle(`${schedule.id} ${schedule.version} - ${hash}`)
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>${schedule.title}, version ${schedule.version}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${coverMarkup(agreement, signatures)}
${contentsMarkup(headings)}
<main>
${bodyMarkup(parts, agreement)}
<section class="pages" id="schedule">
<h2>Schedule</h2>
${scheduleMarkup(schedule)}
${systemMarkup(agreement)}
</section>
<section class="pages" id="signatures">
<h2>Signatures</h2>
${signaturesMarkup(agreement, signatures)}
</section>
<section class="pages" id="digests">
<h2>Digests</h2>
${digestsMarkup(agreement)}
</section>
</main>
</body>
</html>
`.html
}

function coverMarkup({ schedule, hash }: Agreement, signatures: Signatures | null): Markup {
  const { id, version, title, previous, term, parties } = schedule
  const demo = (signatures?.report.demoParties.length ?? 0) > 0
  const signed =
    signatures === null
      ? 'none given with this copy'
      : signatures.report.lacking.length > 0
        ? 'incomplete: some are MISSING, and without them this version has no effect'
        : 'complete; see the end'
  const lines: [string, Markup][] = [
    ['Agreement', markup`<code>${id}</code>, version ${version}`],
    [
      'Amends',
      previous === undefined ? markup`nothing: this is the first version` : markup`<code>${previous}</code>`,
    ],
    [
      'Parties',
      joined(
        parties.map((party) => markup`${party.title ?? party.id}, as ${party.role}`),
        '; ',
      ),
    ],
    ['Term', markup`${instant(term.from)} to ${instant(term.until)}`],
    ['Text', markup`<code>${hash}</code>`],
    ['Signatures', markup`${signed}`],
  ]
  const entries = lines.map(
    ([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>
`,
  )
  const words = glossary.map(
    ([word, meaning]) => markup`<dt>${word}</dt><dd>${meaning}</dd>
`,
  )
  return markup`<header class="cover">
<h1>${title}</h1>
<dl>
${entries}</dl>
${demo ? demoWarning : markup``}
<h2>How to read this</h2>
<p>The prose governs the parties. In a box below a clause stand its rules: in words, as the gateway reads them, and under them as they were written. A dashed box holds the rules that the schedule makes under that clause. What no rule permits is refused; where one permits and another prohibits, the prohibition stands; what is held waits for people.</p>
<dl>
${words}</dl>
</header>`
}

/** Words of the boxes that lawyers do not know from elsewhere. */
const glossary: readonly (readonly [word: string, meaning: string])[] = [
  ['unit, chain', 'for whom a call is made; and everyone on whose behalf, each with all that it belongs to'],
  ['action', 'to generate, which is to call a model, or the class of act that a tool performs'],
  ['findings', 'what was found in the request or the answer, by the names under “Signals” in the schedule'],
  ['provenance', 'the stated origins of the data'],
  ['consumer', 'who or what takes the answer up'],
  ['committed amount', 'all that was spent and is reserved, the call itself at its worst case included'],
  ['number of persons', 'whom the calls of a purpose have touched within its window, each counted once'],
]

function contentsMarkup(headings: readonly Heading[]): Markup {
  const clauses = headings.map(({ clause = '', title, depth }) => {
    const level = depth === 1 ? 'part' : 'deeper'
    return markup`<li class="${level}"><a href="#clause-${clause}"><span class="number">${clause}</span> ${title}</a></li>
`
  })
  const ends = ['Schedule', 'Signatures', 'Digests'].map((title) => {
    return markup`<li class="part"><a href="#${title.toLowerCase()}">${title}</a></li>
`
  })
  return markup`<nav aria-label="Contents">
<h2>Contents</h2>
<ol>
${clauses}${ends}</ol>
</nav>`
}

/** The rules that the schedule makes follow the last part of their clause. */
function bodyMarkup(parts: readonly BodyPart[], agreement: Agreement): Markup {
  const made = Map.groupBy(
    agreement.rules.filter(({ id }) => !/#\d+$/.test(id)),
    ({ clause }) => clause,
  )
  const out: Markup[] = []
  let open: string | undefined
  const close = (): void => {
    const rules = made.get(open ?? '') ?? []
    if (rules.length > 0) {
      out.push(markup`<div class="rules made">
<p class="source">Made from the schedule</p>
${joined(rules.map(ruleMarkup), '\n')}
</div>`)
    }
    if (open !== undefined) out.push(markup`</section>`)
    open = undefined
  }
  for (const part of parts) {
    if (part.kind === 'heading' && part.clause !== undefined) {
      close()
      open = part.clause
      out.push(markup`<section id="clause-${part.clause}">`)
    }
    out.push(partMarkup(part, agreement))
  }
  close()
  return joined(out, '\n')
}

function partMarkup(part: BodyPart, { schedule }: Agreement): Markup {
  switch (part.kind) {
    case 'heading': {
      // The title of the document stands on its cover.
      if (part.clause === undefined && part.title === schedule.title) return markup``
      const number =
        part.clause === undefined ? markup`` : markup`<span class="number">${part.clause}</span> `
      return heading(part.clause === undefined ? part.depth : part.depth + 1, markup`${number}${part.title}`)
    }
    case 'prose':
      return proseMarkup(part.lines)
    case 'rules':
      return markup`<div class="rules">
${joined(part.rules.map(ruleMarkup), '\n')}
<pre>${part.text}</pre>
</div>`
  }
}

function heading(depth: number, inside: Markup): Markup {
  const tag = new Markup(`h${Math.min(Math.max(depth, 2), 6)}`)
  return markup`<${tag}>${inside}</${tag}>`
}

/** What holds under every agreement, so that nothing which decides is left out of the paper. */
function systemMarkup({ rules }: Agreement): Markup {
  const system = rules.filter(({ clause }) => clause.startsWith('system.'))
  if (system.length === 0) return markup``
  return markup`<h3>Under every agreement</h3>
<div class="rules made">
<p class="source">What no rule permits is refused. These rules stand in every agreement:</p>
${joined(system.map(ruleMarkup), '\n')}
</div>`
}
