/** The control socket of a gate: enrols the reviewers, then serves orders, holds and certificates. */
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createControl, enrolReviewers, enrolmentGaps, listenOnSocket } from '../api/index.ts'
import type { Oversight } from '../api/index.ts'
import { isErrorCode, messageOf, systemClock } from '../base/index.ts'
import { issueExclusion } from '../certificate/index.ts'
import { parseCallers } from '../identity/index.ts'
import { formatVkey, openPublished } from '../ledger/index.ts'
import { parseReviewers } from '../oversight/index.ts'
import { RecorderClient, portChannel } from '../recorder/index.ts'
import { buildStanding } from '../standing/index.ts'
import type { Standing } from '../standing/index.ts'
import { requireAcceptable } from './accept-standing.ts'
import { examine, examineReading } from './examine.ts'
import { originOf, readLogSigner, readRecordKey } from './key-files.ts'
import { placesOf } from './places.ts'
import type { Places } from './places.ts'
import type { RecorderProcess } from './recorder-process.ts'
import type { Settings } from './settings.ts'

export interface ControlOptions {
  /** A provider's gate holds nothing, so it has no reviewers and opens no record. */
  readonly role: 'agency' | 'gate'
  readonly warn: (message: string) => void
}

export interface Control {
  /** What was in force when it was opened. */
  readonly standing: Standing
  close(): Promise<void>
}

/**
 * Resolves when orders are taken. Before that the reviewers file is in the ledger: it is read at start alone, and
 * one that cannot be read keeps the gateway from starting. The caller holds the lock on the data directory.
 */
export async function startControl(
  settings: Settings,
  recorderProcess: Pick<RecorderProcess, 'connect'>,
  { role, warn }: ControlOptions,
): Promise<Control> {
  const places = placesOf(settings)
  const port = recorderProcess.connect()
  try {
    const recorder = new RecorderClient(portChannel(port))
    const oversight = role === 'agency' ? await openOversight(places, recorder) : undefined
    const standing = buildStanding(await recorder.standing(), systemClock.now())
    if (oversight) warnOfGaps(oversight, { standing, places, warn })
    const signer = readLogSigner(places)
    const app = createControl({
      recorder,
      clock: systemClock,
      standing,
      checkpoint: () => readCheckpointNote(places),
      certify: (period) =>
        issueExclusion(period, {
          directory: places.evidence,
          vkey: formatVkey(originOf(settings, signer), signer.publicKey),
          signer,
          clock: systemClock,
          note: (leaf) => recorder.note(leaf),
        }),
      activation: { examine, examineReading, accept: (coming) => requireAcceptable(settings, coming) },
      fault: (error) => warn(`the control socket: ${traceOf(error)}`),
      ...(oversight ? { oversight, published: () => openPublished(places.evidence) } : {}),
    })
    await listenOnSocket(app, places.control)
    return {
      standing,
      async close() {
        await app.close()
        port.close()
      },
    }
  } catch (error) {
    port.close()
    throw error
  }
}

async function openOversight(places: Places, recorder: RecorderClient): Promise<Oversight> {
  const recordKey = readRecordKey(places)
  const hasFile = existsSync(places.reviewers)
  const registered = hasFile ? parseReviewers(readFileSync(places.reviewers), places.reviewers) : []
  await enrolReviewers(registered, { recorder, recordKey })
  return { recordKey, registered }
}

/** Without reviewers nobody decides, and that is nothing to be told of at each start. */
function warnOfGaps(
  { registered }: Oversight,
  { standing, places, warn }: Pick<ControlOptions, 'warn'> & { standing: Standing; places: Places },
): void {
  if (registered.length === 0) return
  const listed = parseCallers(readFileSync(places.callers), places.callers)
  const callers = new Set(listed.map(({ id }) => id))
  for (const gap of enrolmentGaps(registered, { agreements: standing.agreements, callers })) warn(gap)
}

async function readCheckpointNote({ evidence }: Places): Promise<string | null> {
  try {
    return await readFile(join(evidence, 'checkpoint'), 'utf8')
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return null
    throw error
  }
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error)
}
