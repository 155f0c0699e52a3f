/** A hold as text: all that is signed, in the order in which a person needs it. */
import type { ListedHold, ShownHold } from '../api/index.ts'
import type { Json } from '../base/index.ts'
import type { HoldSubject } from '../oversight/index.ts'
import { printableBlock, printableLine } from './printable.ts'

export function holdsText(holds: readonly ListedHold[]): string {
  if (holds.length === 0) return 'no hold waits for this reviewer\n'
  return `${holds.map(listedText).join('\n')}\n`
}

function listedText({ id, agreement, stage, rules, state, levels, expires }: ListedHold): string {
  const under = `${agreement.id}@${agreement.version} ${rules.join(' ')} (${stage})`
  return printableLine(
    `${id}  ${state.padEnd(8)}  ${under}  ${levels.map(levelText).join(', ')}  until ${expires}`,
  )
}

function levelText({ id, persons, approved, yours }: ListedHold['levels'][number]): string {
  return `${id} ${approved}/${persons}${yours ? '' : ' (not yours)'}`
}

function stateText({ asks, missing }: ListedHold['levels'][number]): string {
  return `${asks}; ${missing === null ? 'approved' : `still missing: ${missing}`}`
}

/** `digest` is the one that was computed here. Everything of the call is escaped: it is a stranger's text. */
export function holdText(hold: ShownHold, digest: string): string {
  const { subject, clauses, levels, state } = hold
  const expires = new Date(subject.expires).toISOString()
  return [
    printableLine(`Hold ${subject.hold}: ${state}. ${silence[state]} ${expires}.`),
    '',
    ...rows(subject),
    '',
    ...clauses.flatMap(({ rule, clause, title, text }) => [
      printableLine(`Held by rule ${rule} of clause ${clause}, ${title}:`),
      indented(text),
      '',
    ]),
    'Asks for:',
    ...levels.map((level) =>
      indented(printableLine(`${levelText(level)}  ${level.title}: ${stateText(level)}`)),
    ),
    '',
    'Found:',
    indented(json(subject.findings)),
    '',
    'The call, as it was judged:',
    indented(json(subject.request)),
    '',
    subject.answer === null
      ? 'No model was called yet.'
      : 'The answer, which is given out if this is approved:',
    ...(subject.answer === null ? [] : [indented(json(subject.answer))]),
    '',
    `What is signed is the digest of all this, computed here: ${digest}`,
    '',
  ].join('\n')
}

const silence = {
  waiting: 'If nobody decides, it is denied at',
  approved: 'The caller may repeat the call until',
  expired: 'Its time was over at',
} as const satisfies Record<ListedHold['state'], string>

function rows(subject: HoldSubject): string[] {
  const { agreement, chain, provenance } = subject
  const table: readonly (readonly [string, string])[] = [
    ['caller', subject.caller],
    ['unit', subject.unit],
    ['on behalf of', chain.length === 0 ? 'nobody else' : chain.join(', ')],
    ['purpose', subject.purpose],
    ['surface', subject.surface],
    ['consumer', subject.consumer],
    ['provenance', provenance.length === 0 ? 'nothing of its own' : provenance.join(', ')],
    ['route', `${subject.route}, to the model ${subject.model}`],
    [
      'agreement',
      `${agreement.id}, version ${agreement.version}, entry ${agreement.entry}, ${agreement.hash}`,
    ],
    ['exchange', `${subject.exchange}, held at the stage \`${subject.stage}\`, in the log ${subject.origin}`],
    ['bytes', subject.sent],
  ]
  return table.map(([name, value]) => `  ${name.padEnd(13)} ${printableLine(value)}`)
}

function json(value: Json): string {
  return printableBlock(JSON.stringify(value, null, 2))
}

function indented(text: string): string {
  return printableBlock(text).replace(/^/gm, '  ')
}
