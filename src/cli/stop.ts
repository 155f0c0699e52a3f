/** `servanda stop`: one key of one party ends all use under an agreement. */
import { command } from './command.ts'
import { giveOrder, orderOptions } from './give-order.ts'
import { signerUsage } from './signing-keys.ts'

const usage = `usage: servanda stop --agreement ID --key FILE --reason TEXT [--socket PATH] [--json]
       servanda stop --text FILE --key FILE --reason TEXT --out FILE
       servanda stop --order FILE [--socket PATH]

  --agreement  the agreement whose use shall stop; the gate tells its text
  --text       the agreement's file, where the order is written away from the gate
  --key        private key file of a party: one of one party is enough
${signerUsage}  --demo-key PARTY[/SIGNER]
               in the place of --key, a demonstration key of a party, which anyone can derive
  --reason     why; its digest is signed and it goes to the other party with the order, not into the ledger
  --out        write the signed order to a file, for whoever runs a gate to carry out
  --order      carry out an order that a party has signed
  --socket     the gate's control socket (default: control.sock in the data directory of the settings)
  --json       the result as one JSON object

  From the entry on, calls are denied, running streams end with an error event, and holds are over.
  Each gate has a log of its own: to stop both, carry the order out at both.
`

export const stop = command({
  usage,
  operands: {},
  options: { ...orderOptions, text: 'optional' },
  run: (given, output) => giveOrder('stop', given, output),
})
