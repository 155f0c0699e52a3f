/** `servanda holds`: what waits for a reviewer, what it is about, and the reviewer's signed decision. */
import { randomBytes } from 'node:crypto'
import { reasonDigest } from '../agreement/index.ts'
import type { DecisionTaken, ShownHold } from '../api/index.ts'
import { systemClock } from '../base/index.ts'
import type { Json, Signer } from '../base/index.ts'
import { signDecision, subjectDigest } from '../oversight/index.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import type { Output } from './command.ts'
import { parseDecisionTaken, parseHolds, parseShownHold, parseStanding } from './control-answers.ts'
import { askControl, socketOf } from './control-client.ts'
import type { AskingReviewer } from './control-client.ts'
import { holdText, holdsText } from './hold-text.ts'
import { readOneSigner, signerOptions, signerUsage } from './signing-keys.ts'

const usage = `usage: servanda holds [list] --key FILE [--socket PATH] [--json]
       servanda holds show ID --key FILE
       servanda holds deny ID --key FILE --reason TEXT [--subject DIGEST]
       servanda holds approve ID --key FILE --reason TEXT [--subject DIGEST]

  ID         of a hold
  --key      the reviewer's private key file; its public key is enrolled in reviewers.json
${signerUsage}  --demo-key NAME
               in the place of --key, a key that anyone can derive, such as reviewer/unit-head
  --reason   why; it is sealed in the record of the decision
  --subject  the digest that \`show\` printed: refuse if it is another by now
  --socket   the gate's control socket (default: control.sock in the data directory of the settings)
  --json     the result as one JSON object

  A decision prints what is decided about, computes its digest here and signs that. One denial ends the hold.
`

/** Exit code 1 when the gate refuses the decision; 2 when nothing was decided. */
export const holds = command({
  usage,
  operands: { action: 'optional', id: 'optional' },
  options: {
    ...signerOptions,
    reason: 'optional',
    subject: 'optional',
    socket: 'optional',
  },
  async run({ action = 'list', id, reason, subject, socket: named, ...given }, output) {
    const isDecision = action === 'approve' || action === 'deny'
    if (!isDecision && action !== 'list' && action !== 'show') {
      throw new CliError('CLI_USAGE', `\`${action}\` is none of list, show, deny and approve`)
    }
    const signer = await readOneSigner(given, output)
    const socket = socketOf(named)
    if (action === 'list') {
      if (id !== undefined) throw new CliError('CLI_USAGE', `\`${id}\` is more than \`list\` takes`)
      return list(await askingAt(socket, signer), output)
    }
    if (id === undefined) throw new CliError('CLI_USAGE', 'ID is missing')
    const reviewer = await askingAt(socket, signer)
    const shown = await requireShown(id, subject, reviewer)
    if (!isDecision) {
      output.answer({ ...shown.hold, digest: shown.digest }, holdText(shown.hold, shown.digest) + choices(id))
      return 0
    }
    if (reason === undefined) throw new CliError('CLI_USAGE', '--reason is missing')
    if (!output.json) output.out(`${holdText(shown.hold, shown.digest)}\n`)
    const taken = await decide(action, { ...shown, reason }, reviewer)
    output.answer({ hold: id, digest: shown.digest, ...taken }, takenText(id, taken))
    return 0
  },
})

interface Reviewer {
  readonly socket: string
  readonly as: AskingReviewer
}

/** Whose log it is, the gate says: what is signed for that log is good at no other. */
async function askingAt(socket: string, signer: Signer): Promise<Reviewer> {
  const { origin } = parseStanding(await askControl(socket, { method: 'GET', path: '/v1/standing' }))
  return { socket, as: { signer, origin } }
}

interface Shown {
  readonly hold: ShownHold
  /** Computed here. */
  readonly digest: string
}

async function list({ socket, as }: Reviewer, output: Output): Promise<number> {
  const holds = parseHolds(await askControl(socket, { method: 'GET', path: '/v1/holds', as }))
  output.answer({ holds }, holdsText(holds))
  return 0
}

/** The digest is of what came, and nothing the gate says about it is believed. */
async function requireShown(
  id: string,
  expected: string | undefined,
  { socket, as }: Reviewer,
): Promise<Shown> {
  const path = `/v1/holds/${encodeURIComponent(id)}`
  const hold = parseShownHold(await askControl(socket, { method: 'GET', path, as }))
  if (hold.subject.hold !== id)
    throw new CliError('CLI_UNANSWERED', 'the gate shows another hold than was asked for')
  if (hold.subject.origin !== as.origin)
    throw new CliError('CLI_UNANSWERED', 'the gate shows a hold of another log than its own')
  const digest = subjectDigest(hold.subject)
  if (expected !== undefined && expected !== digest) {
    throw new CliError('CLI_UNANSWERED', `what is held is not what was shown before: its digest is ${digest}`)
  }
  return { hold, digest }
}

async function decide(
  verdict: 'approve' | 'deny',
  { hold: { subject, levels }, digest, reason }: Shown & { readonly reason: string },
  { socket, as }: Reviewer,
): Promise<DecisionTaken> {
  const salt = randomBytes(32).toString('base64')
  const yours = levels.filter((level) => level.yours && subject.asks.includes(level.id)).map(({ id }) => id)
  const envelope = await signDecision(
    {
      v: 1,
      hold: subject.hold,
      exchange: subject.exchange,
      origin: subject.origin,
      subject: digest,
      verdict,
      levels: verdict === 'deny' ? [] : yours.sort(),
      reason: reasonDigest(salt, reason),
      decided: new Date(systemClock.now()).toISOString(),
    },
    as.signer,
  )
  const path = `/v1/holds/${encodeURIComponent(subject.hold)}/decisions`
  const body = { envelope: envelope as unknown as Json, reason, salt }
  return parseDecisionTaken(await askControl(socket, { method: 'POST', path, body, as }))
}

function choices(id: string): string {
  return [
    '',
    `To deny it:     servanda holds deny ${id} --key FILE --reason TEXT`,
    `To approve it:  servanda holds approve ${id} --key FILE --reason TEXT`,
    'Your key signs, and what you sign is yours to answer for.',
    '',
  ].join('\n')
}

function takenText(id: string, { verdict, seq, state }: DecisionTaken): string {
  const becomes =
    state === 'denied'
      ? 'the call is denied'
      : state === 'approved'
        ? `everything it asks is approved: the caller may repeat the call with \`Servanda-Hold: ${id}\``
        : 'it waits for further approvals'
  return `${verdict === 'deny' ? 'denied' : 'approved'}, entry ${seq}: ${becomes}\n`
}
