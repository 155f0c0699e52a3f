/** `servanda activate`: hands a signed version to a running gate, which verifies it and puts it into force or makes it known. */
import type { AgreementTaken } from '../api/index.ts'
import type { Json } from '../base/index.ts'
import { readAgreementText } from './agreement-file.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import { parseAgreementTaken } from './control-answers.ts'
import { askControl, socketOf } from './control-client.ts'
import { printableLine } from './printable.ts'
import { readSignaturesFile, signaturesPath } from './signatures-file.ts'

const usage = `usage: servanda activate FILE [--signatures FILE] [--socket PATH] [--json]

  FILE          the agreement file
  --signatures  the file with the signatures (default: FILE.signatures.json)
  --socket      the gate's control socket (default: control.sock in the data directory of the settings)
  --json        the result as one JSON object

  What tightens comes into force at once. What loosens is made known, waits for its cooling-off period, and comes into
  force by this same command once its time has come. Each gate does so for itself: run it at both.
`

/** Exit code 0: in force, or made known now; 1: it waits, or the gate refuses; 2: wrong usage or bad input. */
export const activate = command({
  usage,
  operands: { file: 'needed' },
  options: { signatures: 'optional', socket: 'optional' },
  async run({ file, signatures, socket }, output) {
    const text = readAgreementText(file)
    const path = signatures ?? signaturesPath(file)
    const envelope = readSignaturesFile(path)
    if (envelope === null) {
      const message = `\`${file}\` has no effect: nobody has signed it, for \`${path}\` is missing (\`servanda sign\`)`
      throw new CliError('CLI_SIGNATURES', message)
    }
    const body = { text, envelope: envelope as unknown as Json }
    const answer = await askControl(socketOf(socket), { method: 'POST', path: '/v1/agreements', body })
    const taken = parseAgreementTaken(answer)
    output.answer(taken, takenText(taken))
    return taken.outcome === 'early' || taken.outcome === 'already-announced' ? 1 : 0
  },
})

/** What is to be done at the other gate, which each of them does for itself. */
function otherGate(outcome: AgreementTaken['outcome']): string[] {
  switch (outcome) {
    case 'in-force':
    case 'already-in-force':
      return [
        'each gate does this for itself: until both have the same text in force, the provider’s gate turns calls away (`unlisted`)',
      ]
    case 'announced':
    case 'already-announced':
      return [
        'each gate does this for itself: make it known to the other one too, so that its time runs there',
      ]
    case 'early':
      return []
  }
}

function takenText(taken: AgreementTaken): string {
  const { agreement, version, demoParties } = taken
  const lines = [
    `\`${agreement}\` version ${version} ${outcomeText(taken)}`,
    ...(demoParties.length > 0
      ? [`DEMO: ${demoParties.join(', ')} signed with keys that anyone can make`]
      : []),
    ...otherGate(taken.outcome),
  ]
  return `${lines.map(printableLine).join('\n')}\n`
}

function outcomeText({ outcome, entry, actsFrom }: AgreementTaken): string {
  const from = actsFrom ?? 'no time that it is signed for'
  switch (outcome) {
    case 'in-force':
      return `is in force from entry ${entry ?? ''} on`
    case 'already-in-force':
      return `is in force already, since entry ${entry ?? ''}`
    case 'announced':
      return `loosens what was agreed: it is made known by entry ${entry ?? ''}, is NOT in force, and can be from ${from} on, by this command again`
    case 'already-announced':
      return `is NOT in force: it was made known by entry ${entry ?? ''}, and can be in force from ${from} on, by this command again`
    case 'early':
      return `is NOT in force: it is signed for ${from}; nothing was written, so run this command again then`
  }
}
