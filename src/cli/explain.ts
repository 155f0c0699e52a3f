/** `servanda explain`: what an agreement decides about one request, by which clauses, and what would change it. */
import { compileAgreement } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { parseJson } from '../base/index.ts'
import { explain as explainDecision, parseExplainRequest } from '../decision/index.ts'
import { createScreener } from '../screening/index.ts'
import { findAgreementFile, readAgreementText } from './agreement-file.ts'
import { readBounded } from './bounded-file.ts'
import { command } from './command.ts'
import { explanationText } from './explanation-text.ts'

const usage = `usage: servanda explain FILE --request FILE [--tree] [--all] [--json]

  FILE       an agreement file
  --request  a JSON object: unit, chain, action (or tool, a tool by its name), model, purpose, surface, consumer,
             provenance, time (ISO), committed (in the currency), persons, stage, findings, approvals; and text,
             which is screened
  --tree     also each rule that spoke, with its conditions and what each of them saw, and which single facts would
             make the decision heavier
  --all      the same with the rules that did not speak
  --json     the result as one JSON object, which holds all of it
`

/** Exit code 0: decided, whatever the verdict; 1: the agreement has errors; 2: wrong usage or unreadable input. */
export const explain = command({
  usage,
  operands: { file: 'needed' },
  options: { request: 'needed', tree: 'flag', all: 'flag' },
  async run({ file: given, request: path, tree, all }, output) {
    const file = findAgreementFile(given)
    const { agreement, diagnostics } = compileAgreement(readAgreementText(file))
    if (agreement === null) {
      output.answer(
        { file, good: false, diagnostics },
        `${file} has errors; \`servanda check ${file}\` lists them\n`,
      )
      return 1
    }
    const request = parseExplainRequest(parseJson(readBounded(path)), agreement.schedule)
    const found = request.text === undefined ? [] : await screen(agreement, request.text)
    const findings = new Set([...request.findings, ...found])
    const { facts, approvals } = request
    const explanation = explainDecision(agreement, facts, findings, approvals, { everyRule: all })
    output.answer(
      { ...explanation, findings: [...findings] },
      explanationText(explanation, { found, tree: tree || all }),
    )
    return 0
  },
})

async function screen(agreement: Agreement, text: string): Promise<string[]> {
  await using screener = createScreener({ agreementPhrases: agreement.schedule.signals })
  const { findings } = await screener.screen([{ kind: 'user', place: 'text', text }])
  return [...new Set(findings.map((finding) => finding.signal))]
}
