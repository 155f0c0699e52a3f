/** `servanda replay`: what a new version would have decided of what has happened, counted by the running gate. */
import { compileAgreement } from '../agreement/index.ts'
import { systemClock } from '../base/index.ts'
import { readAgreementText } from './agreement-file.ts'
import { command } from './command.ts'
import { askControl, socketOf } from './control-client.ts'
import { parseInstantOption } from './instant-option.ts'
import { printableBlock } from './printable.ts'
import { parseReplay } from './replay-answer.ts'
import { replayText } from './replay-text.ts'

const usage = `usage: servanda replay FILE --since TIME [--until TIME] [--socket PATH] [--json]

  FILE      the new version of an agreement that is in force at the gate; it need not be signed
  --since   the begin of the period, in UTC, such as 2026-03-01T00:00:00Z or 2026-03-01
  --until   its end, which is no longer part of it (default: now)
  --socket  the control socket of the agency's gate (default: that of the settings)
  --json    the result as one JSON object

  The gate opens the sealed facts and findings of each decision of the period, judges them by the version of their time,
  which must give what was recorded, and then by FILE. It answers with counts by clause and unit, and with the entries
  that change. Nothing is written, and no content leaves the gate.
`

/** Opening every record of a long period takes its time. */
const patienceMs = 1_800_000

/** Exit code 1: FILE has errors, the gate refuses, or a decision is not given again by the version of its time. */
export const replay = command({
  usage,
  operands: { file: 'needed' },
  options: { since: 'needed', until: 'optional', socket: 'optional' },
  async run({ file, since, until, socket }, output) {
    const period = {
      since: parseInstantOption('--since', since),
      until: until === undefined ? systemClock.now() : parseInstantOption('--until', until),
    }
    const text = readAgreementText(file)
    const { agreement, diagnostics } = compileAgreement(text)
    if (agreement === null) {
      output.answer(
        { file, good: false, diagnostics },
        `${file} has errors; \`servanda check ${file}\` lists them\n`,
      )
      return 1
    }
    const ask = { method: 'POST', path: '/v1/replay', body: { text, ...period }, patienceMs } as const
    const report = parseReplay(await askControl(socketOf(socket), ask))
    output.answer(report, printableBlock(replayText(report)))
    return report.judged.unreproducible > 0 ? 1 : 0
  },
})
