/** `servanda resume`: all parties together let the use of an agreement go on. */
import { command } from './command.ts'
import { giveOrder, orderOptions } from './give-order.ts'
import { signerUsage } from './signing-keys.ts'

const usage = `usage: servanda resume --agreement ID --key FILE … --reason TEXT [--out FILE] [--socket PATH] [--json]
       servanda resume --order FILE --key FILE … --out FILE
       servanda resume --order FILE [--key FILE …] [--socket PATH]

  --agreement  the agreement that was stopped; the gate tells which stop orders stand, and all are lifted
  --key        private key files of parties, as often as wanted: every party must reach its threshold
${signerUsage}  --demo-key PARTY[/SIGNER]
               in the place of --key, a demonstration key of a party, which anyone can derive
  --reason     why; its digest is signed and it goes to the other party with the order, not into the ledger
  --out        write the order to a file, for the next party to sign
  --order      sign, or carry out, what another party has signed
  --socket     the gate's control socket (default: control.sock in the data directory of the settings)
  --json       the result as one JSON object
`

export const resume = command({
  usage,
  operands: {},
  options: orderOptions,
  run: (given, output) => giveOrder('resume', { ...given, text: undefined }, output),
})
