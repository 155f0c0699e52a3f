/** Whether people signed what the entries of a log say they did: asked before a start signs those entries. */
import { systemClock } from '../base/index.ts'
import { SignedCheck, entryOf } from '../ledger/index.ts'
import { AgreementCheck, storedTexts } from '../oversight/index.ts'
import { RecorderError } from '../recorder/index.ts'
import type { ReadSigned } from '../recorder/index.ts'
import { buildStanding } from '../standing/index.ts'

/**
 * What is in force can be built as every worker will build it, and each entry passes the checks of `servanda verify`.
 * Throws what these throw, and `RECORDER_DAMAGED` where one of them cannot tell; but for an amendment that was made
 * known, whose text is kept only once it is in force. Until then nothing rests on it, and then its signatures are those
 * of the activation, byte for byte.
 */
export async function requireSigned({ signed, ...standing }: ReadSigned): Promise<void> {
  buildStanding(standing, systemClock.now())
  const { checks } = new AgreementCheck(storedTexts(standing.activations), standing.origin)
  const check = new SignedCheck(checks)
  for (const one of signed) {
    if ((await check.add(one)) || one.kind === 'announced') continue
    const message = `entry ${entryOf(one)}: the text is not at hand that tells whether it was signed for`
    throw new RecorderError('RECORDER_DAMAGED', message)
  }
}
