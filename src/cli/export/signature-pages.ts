/** The last pages of the document: who may sign, who has, and the digests that tie the paper to the file. */
import { statementOf } from '../../agreement/index.ts'
import type { Agreement, SignatureReport } from '../../agreement/index.ts'
import { joined, markup } from './markup.ts'
import type { Markup } from './markup.ts'
import { instant } from './schedule-words.ts'

/** What is known of the signatures of an agreement. */
export interface Signatures {
  readonly report: SignatureReport
  /** The version that is amended, whose signers count too; absent for version 1. */
  readonly previous?: Agreement
}

type Party = Agreement['schedule']['parties'][number]

export function signaturesMarkup(agreement: Agreement, signatures: Signatures | null): Markup {
  const { version } = agreement.schedule
  if (signatures === null) {
    const before = version === 1 ? '' : ` The signers of version ${version - 1} must sign as well.`
    return markup`<p class="state">No signatures were given with this copy. Those who may sign this version are named here.${before}</p>
${agreement.schedule.parties.map((party) => partyMarkup(party, version, null))}`
  }
  const { report, previous } = signatures
  const versions = previous === undefined ? [agreement] : [previous, agreement]
  const tables = versions.flatMap(({ schedule }) => [
    markup`<h3>Under version ${schedule.version}</h3>`,
    ...schedule.parties.map((party) => partyMarkup(party, schedule.version, report)),
  ])
  return joined([stateMarkup(report), ...tables], '\n')
}

function stateMarkup({ statement, amendment, lacking, ignored, demoParties }: SignatureReport): Markup {
  const loosens = amendment?.loosens === true ? ' It loosens something, so more signers are needed.' : ''
  const enough =
    lacking.length === 0
      ? 'All signatures that are needed are there.'
      : 'Signatures are MISSING, so this version has no effect.'
  const idle =
    ignored.length === 0 ? '' : ` Signatures of nobody who counts, or that do not verify: ${ignored.length}.`
  return markup`<p class="state">The statement that is signed wants this version to be in force from ${instant(Date.parse(statement.effective))}.${loosens} ${enough}${idle} Each signature was verified when this document was made; whether the version has come into force, the ledger of a gate says.</p>
${demoParties.length > 0 ? demoWarning : markup``}`
}

export const demoWarning = markup`<p class="warning">DEMONSTRATION: anyone can make a key that signed this. It binds nobody.</p>`

function partyMarkup(party: Party, version: number, report: SignatureReport | null): Markup {
  const { id, title, signers } = party
  const counted = new Set(
    report?.counted
      .filter((each) => each.party === id && each.version === version)
      .map(({ signer }) => signer),
  )
  const rows = signers.map((signer) => {
    const keys = signer.keys.map((key) => markup`<code class="key">${key}</code>`)
    const name = signer.title === undefined ? markup`` : markup`${signer.title} `
    const signed = counted.has(signer.id) ? 'signed' : 'not signed'
    return markup`<tr><th scope="row">${name}<code>${signer.id}</code></th><td>${joined(keys, ' ')}</td>${report === null ? markup`` : markup`<td>${signed}</td>`}</tr>
`
  })
  const column = report === null ? markup`` : markup`<th scope="col">Signature</th>`
  return markup`<table class="signers">
<caption>${title === undefined ? id : `${title} (${id})`}</caption>
<thead><tr><th scope="col">Signer</th><th scope="col">Public keys (Ed25519)</th>${column}</tr></thead>
<tbody>
${rows}</tbody>
</table>
<p>${sumWords(party, version, report)}</p>
`
}

function sumWords(
  { id, threshold, loosening, signers }: Party,
  version: number,
  report: SignatureReport | null,
): string {
  if (report === null) {
    return `Needed: ${threshold} of ${signers.length}; where an amendment loosens something, ${loosening} of ${signers.length}.`
  }
  const lacks = report.lacking.find((each) => each.party === id && each.version === version)
  const needed = report.amendment?.loosens === true ? loosening : threshold
  const state =
    lacks === undefined ? 'They are there.' : `There: ${lacks.found}. MISSING: ${lacks.needed - lacks.found}.`
  return `Needed: ${needed} of ${signers.length}. ${state}`
}

export function digestsMarkup(agreement: Agreement): Markup {
  const { schedule } = agreement
  // The digests do not hang on the time; it only has to be one that a statement may name.
  const { text, rules, schema, compiler } = statementOf(agreement, schedule.term.until - 1)
  const lines: (readonly [name: string, value: string])[] = [
    ['Text of the file', text],
    ['Rules', rules],
    ['Schema', schema],
    ['Read by', compiler],
  ]
  if (schedule.previous !== undefined) lines.push(['Text of the version before', schedule.previous])
  const rows = lines.map(([name, value]) => {
    return markup`<tr><th scope="row">${name}</th><td><code>${value}</code></td></tr>
`
  })
  return markup`<p>This document was made from a file and is not what is signed. What is signed is a statement of these digests; the first is that of the file, which <code>servanda check</code> and <code>sha256sum</code> print. Where paper and file differ, the file counts.</p>
<table class="digests">
<tbody>
${rows}</tbody>
</table>`
}
