/** `servanda certify`: has the running gate sign what its own entries give, for anyone to recompute. */
import { writeFile } from 'node:fs/promises'
import { parseCertificate } from '../certificate/index.ts'
import { certificateText } from './certificate-check.ts'
import { CliError, ControlRefusal } from './cli-error.ts'
import { command } from './command.ts'
import type { Output } from './command.ts'
import { parseStatement } from './control-answers.ts'
import { askControl, socketOf } from './control-client.ts'
import { parseInstantOption } from './instant-option.ts'
import { printableBlock, printableLine } from './printable.ts'

const usage = `usage: servanda certify exclusion --supplier CODE --from TIME --to TIME
                       [--out FILE] [--socket PATH] [--json]

  exclusion   that no call went to a supplier
  --supplier  its provider code in the agreements
  --from      the period's begin, in UTC, such as 2026-03-01T00:00:00Z or 2026-03-01
  --to        its end, which is no longer part of it; it must have passed
  --out       the file to write (default: the certificate is printed)
  --socket    the control socket of the gate (default: that of the settings)
  --json      the result as one JSON object

  The gate writes an entry that bounds the certificate, waits for the checkpoint that covers it, audits its log, and
  signs what the entries give. Anyone recomputes it: servanda verify EVIDENCE --certificate FILE.
`

/** Exit code 1: the gate refuses, above all where a call to the supplier falls into the period. */
export const certify = command({
  usage,
  operands: { certificate: 'needed' },
  options: { supplier: 'optional', from: 'optional', to: 'optional', out: 'optional', socket: 'optional' },
  async run({ certificate, supplier, from, to, out, socket }, output) {
    if (certificate !== 'exclusion')
      throw new CliError('CLI_USAGE', `there is no certificate \`${certificate}\``)
    const period = {
      supplier: requireOption('--supplier', supplier),
      from: parseInstantOption('--from', requireOption('--from', from)),
      to: parseInstantOption('--to', requireOption('--to', to)),
    }
    try {
      const body = { certificate, ...period }
      const answer = await askControl(socketOf(socket), { method: 'POST', path: '/v1/certificates', body })
      await deliver(answer['certificate'], out, output)
      return 0
    } catch (error) {
      if (!(error instanceof ControlRefusal) || error.refusal !== 'CERTIFICATE_IMPOSSIBLE') throw error
      const finding = { code: error.refusal, message: error.message }
      // The certificate goes to a file; what is none must not be taken for it.
      if (output.json) output.answer({ ok: false, finding }, '')
      else output.err(`servanda: ${printableBlock(`${finding.code}: ${finding.message}`)}\n`)
      return 1
    }
  },
})

function requireOption(name: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw new CliError('CLI_USAGE', `${name} is missing`)
}

async function deliver(envelope: unknown, out: string | undefined, output: Output): Promise<void> {
  const file = `${JSON.stringify(envelope ?? null, null, 2)}\n`
  const { claimed } = parseCertificate(file)
  // The gate itself has just made it; who does not trust the gate recomputes it.
  const text = certificateText(parseStatement(claimed)).map(printableLine)
  if (out !== undefined) await writeFile(out, file)
  if (output.json) output.answer({ ok: true, certificate: envelope, statement: claimed }, '')
  else if (out === undefined) output.out(file)
  else output.out([...text, `written: ${out}`, ''].join('\n'))
}
