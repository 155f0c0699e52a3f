/** The commands, one file each. */
import { activate } from './activate.ts'
import { certify } from './certify.ts'
import { check } from './check.ts'
import { diff } from './diff.ts'
import { dispute } from './dispute.ts'
import { doctor } from './doctor.ts'
import { explain } from './explain.ts'
import { exportAgreement } from './export.ts'
import { holds } from './holds.ts'
import { gate } from './gate.ts'
import { init } from './init.ts'
import type { Command } from './command.ts'
import { key } from './key.ts'
import { parity } from './parity.ts'
import { prove } from './prove.ts'
import { reconcile } from './reconcile.ts'
import { rehearse } from './rehearse.ts'
import { replay } from './replay.ts'
import { resume } from './resume.ts'
import { serve } from './serve.ts'
import { sign } from './sign.ts'
import { signatures } from './signatures.ts'
import { stop } from './stop.ts'
import { verify } from './verify.ts'

export type { CliIo } from './io.ts'
export { askAtTerminal } from './keys/passphrase.ts'

export const commands: Readonly<Record<string, Command>> = {
  init,
  serve,
  gate,
  check,
  explain,
  diff,
  parity,
  export: exportAgreement,
  sign,
  signatures,
  activate,
  verify,
  prove,
  reconcile,
  certify,
  replay,
  rehearse,
  holds,
  stop,
  resume,
  dispute,
  key,
  doctor,
}

export const help = `usage: servanda COMMAND …

  init       make keys and data, and put signed agreements in force
  serve      run the agency's gate
  gate       run a provider's gate, which stands at the model
  check      what is wrong with an agreement file
  explain    what an agreement decides about a request, and why
  diff       what one version allows and another does not, in sentences
  sign       add a party's signature to those over a version of an agreement
  signatures who has signed a version, what is missing, and what counts for nothing
  activate   have a running gate put a signed version into force, or make it known
  parity     whether two providers are held to the same terms
  export     an agreement as files for the tools of Cedar, or as a document for paper
  verify     audit the evidence from its files
  prove      turn a receipt into a proof that any C2SP verifier reads
  reconcile  compare the logs of the two gates, and name what stands in one only
  certify    have the gate sign that no call went to a supplier, for anyone to recompute
  replay     what a new version would have decided of what has happened
  rehearse   play scripted calls against a running gateway
  holds      list and show what waits for people, approve or deny it
  stop       end all use under an agreement: one key of one party
  resume     let it go on: the keys of all parties
  dispute    let the stricter reading of a clause act until an amendment settles it
  key        make a key for a reviewer or a party
  doctor     what of an installation is not ready for production

Each command tells its options with --help, and prints one JSON object with --json.
Exit code 0: good; 1: a finding, or a gate refuses; 2: wrong usage or bad input, and no JSON then.
Settings: SERVANDA_PORT, SERVANDA_HOST, SERVANDA_DATA, SERVANDA_KEYS, SERVANDA_GUARD,
SERVANDA_WORKERS, SERVANDA_ORIGIN, SERVANDA_GATES, SERVANDA_AGENCY_VKEY, or a JSON file named by
SERVANDA_SETTINGS.
`
