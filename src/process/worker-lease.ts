/** A worker's line to the recorder and its lease: renewed twice a second, and at once when something else is in force. */
import { messageOf, systemClock } from '../base/index.ts'
import type { Clock } from '../base/index.ts'
import { RecorderClient } from '../recorder/index.ts'
import type { AnswerMessage, AskMessage, Channel } from '../recorder/index.ts'
import { Lease, endChanged } from '../standing/index.ts'
import type { RunningExchanges, Standing } from '../standing/index.ts'

/** A clock that nobody sets. */
const monotonic: Clock = { now: () => performance.now() }

interface WorkerLeaseOptions {
  readonly running: RunningExchanges
  /** Called with what is about to be acted on; what it throws keeps that from happening. */
  readonly accept: (standing: Standing) => void
  readonly fault: (message: string) => void
}

/** What runs under something that is no longer in force is ended here. Rejects when nothing valid is in force. */
export async function openWorkerLease(
  channel: Channel<AskMessage, AnswerMessage>,
  { running, accept, fault }: WorkerLeaseOptions,
): Promise<{ readonly recorder: RecorderClient; readonly lease: Lease }> {
  let opened: Lease | null = null
  // Told before the lease is open: what opens it asks only then.
  const recorder = new RecorderClient(channel, { onChanged: () => void opened?.renew() })
  const lease = await Lease.open({
    recorder,
    clock: monotonic,
    wallClock: systemClock,
    accept,
    changed: (before, now) => void endChanged(running, before, now),
    failed: (error) => fault(`the lease could not be renewed: ${messageOf(error)}`),
  })
  opened = lease
  // What has changed since it asked was told to nobody here.
  await lease.renew()
  return { recorder, lease }
}
