/** `servanda reconcile`: compares the logs of the two gates, and names every call that stands in one only. */
import { openReconciliation } from '../certificate/index.ts'
import type { Difference, NotServed, Reconciliation } from '../certificate/index.ts'
import { invariant } from '../base/index.ts'
import { parseVkey, verifyLedger } from '../ledger/index.ts'
import type { LedgerSummary, Verifier, VerifyOptions } from '../ledger/index.ts'
import { AgreementCheck } from '../oversight/index.ts'
import { intentWindowMs } from '../recorder/index.ts'
import { readTexts } from './agreement-file.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import type { Output } from './command.ts'
import { readVkeys, requireEvidence } from './evidence-directory.ts'
import { parseInstantOption } from './instant-option.ts'
import { isFinding } from './verify-report.ts'
import type { Finding } from './verify-report.ts'

const usage = `usage: servanda reconcile AGENCY GATE [--agency-vkey FILE|TEXT] [--gate-vkey FILE|TEXT]
                         [--agreements PATH]… [--gate-taken TIME]
                         [--provider CODE]… [--json]

  AGENCY         the evidence directory of the agency's gate
  GATE           that of the provider's gate behind it
  --agency-vkey  the verifier key of the agency's log (default: AGENCY/log.vkey)
  --gate-vkey    the verifier key of the gate's log (default: GATE/log.vkey)
  --agreements   an agreement file that you signed, or a directory of them; may be repeated
  --gate-taken   when the gate's evidence was taken, such as 2026-03-01T00:00:00Z (default: the time of its last
                 entry); calls of the agency that are younger are left to newer evidence
  --provider     a provider behind this gate, by its code in the agreement; may be repeated. Calls to others, which
                 have gates of their own, are then counted and not looked for (default: every provider)
  --json         the result as one JSON object

  Each log is audited first, as \`servanda verify\` does without records and without an outside checkpoint.
`

type Side = 'agency' | 'gate'

interface Log {
  readonly side: Side
  readonly directory: string
  readonly vkeys: readonly string[]
}

/** Exit code 0: nothing speaks against the two logs; 1: a finding; 2: wrong usage, or unreadable evidence. */
export const reconcile = command({
  usage,
  operands: { agency: 'needed', gate: 'needed' },
  options: {
    'agency-vkey': 'optional',
    'gate-vkey': 'optional',
    agreements: 'any',
    'gate-taken': 'optional',
    provider: 'any',
  },
  async run(given, output) {
    const agency = await logOf('agency', given.agency, given['agency-vkey'])
    const gate = await logOf('gate', given.gate, given['gate-vkey'])
    const key = logKeyOf(agency)
    const taken = given['gate-taken']
    const reconciliation = openReconciliation({
      agency: key,
      windowMs: intentWindowMs,
      ...(taken === undefined ? {} : { gateTakenAt: parseInstantOption('--gate-taken', taken) }),
      ...(given.provider.length === 0 ? {} : { providers: new Set(given.provider) }),
    })
    const texts = readTexts(given.agreements)
    const unchecked = new Set<string>()
    const audited: Partial<Record<Side, LedgerSummary>> = {}
    // The gate's first: what it served is looked for in the agency's.
    for (const log of [gate, agency]) {
      try {
        const side = reconciliation[log.side]
        const add: OnEntry = (leaf, index, entry) => side.add(leaf, index, entry)
        const agreements = new AgreementCheck(texts)
        audited[log.side] = await audit(log, agreements, add)
        for (const missing of agreements.missing) unchecked.add(missing)
      } catch (error) {
        if (!isFinding(error)) throw error
        reportFinding(log.side, error, output)
        return 1
      }
    }
    const result = reconciliation.result()
    const notes = [
      ...notesOn(result, key.publicKey.equals(logKeyOf(gate).publicKey), given),
      ...(unchecked.size === 0
        ? []
        : ['signatures of parties and reviewers were not checked, for want of the texts (--agreements).']),
    ]
    report(result, audited, notes, output)
    return result.differences.length > 0 ? 1 : 0
  },
})

async function logOf(side: Side, named: string, vkey: string | undefined): Promise<Log> {
  const directory = requireEvidence(named)
  return { side, directory, vkeys: await readVkeys(vkey, directory) }
}

/** The key of the log itself, as against those of witnesses. */
function logKeyOf({ directory, vkeys }: Log): Verifier {
  const key = vkeys.map(parseVkey).find(({ type }) => type === 'ed25519')
  if (key) return key
  throw new CliError('CLI_FILE', `there is no verifier key of a log among those for \`${directory}\``)
}

type OnEntry = NonNullable<VerifyOptions['onEntry']>

/** Audits the whole log, which must be that of the side it is given as. */
function audit({ side, directory, vkeys }: Log, agreements: AgreementCheck, add: OnEntry) {
  return verifyLedger({
    directory,
    verifiers: vkeys,
    ...agreements.checks,
    onEntry(leaf, index, entry) {
      if (leaf.kind === 'opened' && (leaf.role ?? 'agency') !== side) {
        const is = side === 'gate' ? "an agency's gate" : "a provider's gate"
        throw new CliError(
          'CLI_USAGE',
          `\`${directory}\` is given as the ${side}'s log, and is that of ${is}`,
        )
      }
      agreements.add(leaf)
      add(leaf, index, entry)
    },
  })
}

function reportFinding(side: Side, { code, message, ...error }: Finding, output: Output): void {
  const { index } = error
  output.answer(
    { ok: false, log: side, finding: { code, message, index } },
    `FAILED   the ${side}'s log does not pass its own audit: ${message} (${code})\n`,
  )
}

function report(
  result: Reconciliation,
  { agency, gate }: Partial<Record<Side, LedgerSummary>>,
  notes: readonly string[],
  output: Output,
): void {
  invariant(agency && gate, 'both logs have passed their audit')
  const { differences, matched } = result
  const logs = Object.entries({ agency, gate }).map(([side, { origin, size, root }]) => ({
    side,
    origin,
    size,
    root,
  }))
  output.answer(
    { ok: differences.length === 0, logs, ...result, notes },
    [
      ...logs.map(
        ({ side, origin, size }) => `ok       the ${side}'s log passes its audit: ${origin}, ${size} entries`,
      ),
      `ok       ${matched} calls stand in both and agree`,
      ...differences.map(differenceLine),
      ...result.notServed.map((call) => `not served: ${callText(call)}`),
      ...result.newer.map((call) => `newer than the gate's evidence: ${callText(call)}`),
      ...result.endsDiffer.map(
        ({ entry, served, agency: by, gate: at }) =>
          `ends differ: entry ${entry} ${by === null ? 'has no outcome yet' : `is \`${by}\``} for the agency, entry ${served} is \`${at}\` for the gate`,
      ),
      ...notes.map((note) => `note: ${note}`),
      '',
    ].join('\n'),
  )
}

function differenceLine({ kind, entry, served, exchange, time, message }: Difference): string {
  const places = [
    ...(entry === null ? [] : [`the agency's entry ${entry}`]),
    ...(served === null ? [] : [`the gate's entry ${served}`]),
  ]
  return `FOUND    ${places.join(', ')}, ${exchange}, ${time}: ${message} (${kind})`
}

function callText({ entry, exchange, time, status }: NotServed): string {
  return `the agency's entry ${entry}, ${exchange}, ${time}, ${status ?? 'no outcome yet'} by the agency's account`
}

function notesOn(
  { newer, earlier, otherAgreements, otherProviders, redeemedAnswers, notServed, endsDiffer }: Reconciliation,
  sameKey: boolean,
  given: { readonly [name in 'agency-vkey' | 'gate-vkey']?: string | undefined },
): string[] {
  const elsewhere = Object.entries(otherAgreements).map(([id, count]) => `${count} under \`${id}\``)
  const others = Object.entries(otherProviders).map(([code, count]) => `${count} to \`${code}\``)
  const taken = endsDiffer.filter(({ gate }) => gate === 'answered').length
  const answered = newer.filter((call) => call.answered).length
  return [
    [
      sameKey,
      'both logs are signed by one key: one party wrote both, so that they prove nothing against each other.',
    ],
    [
      given['agency-vkey'] === undefined || given['gate-vkey'] === undefined,
      'a key was read from the evidence itself: compare it with the one that you were given by another way.',
    ],
    [
      notServed.length > 0,
      `${notServed.length} calls did not reach the gate, by the agency's account alone.`,
    ],
    [
      newer.length > 0,
      `${newer.length} calls, ${answered} of them answered, are too young for the gate's evidence: take newer ` +
        'evidence, or say with --gate-taken when it was taken.',
    ],
    [earlier > 0, `${earlier} calls are from before their agreement was in force at this gate.`],
    [
      elsewhere.length > 0,
      `calls under agreements that were never in force at this gate were not looked for: ${elsewhere.join(', ')}.`,
    ],
    [
      others.length > 0,
      `calls to providers that are behind other gates, as you said, were not looked for: ${others.join(', ')}. ` +
        'Compare those with their gates.',
    ],
    [
      taken > 0,
      `${taken} calls the gate answered in full, and the agency gave no whole answer out: a caller may have gone or ` +
        'a clause have stopped it, or somebody between the gates had the answer in the place of the agency.',
    ],
    [
      redeemedAnswers > 0,
      `${redeemedAnswers} intents gave out an answer that had been held: they call no model, and stand in one log.`,
    ],
    [
      true,
      'a call that reached the model past both gates stands in neither. Two parties who agree can write two logs ' +
        'that agree.',
    ],
  ].flatMap(([applies, note]) => (applies === true ? [String(note)] : []))
}
