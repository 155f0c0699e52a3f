/** The single writer of a log: its contract, its client, what serves it, and the store it asks for. */
export type { ReadSigned } from './require-signed.ts'
export type { AnswerMessage, AskMessage, Channel } from './ask.ts'
export { isRecorderMessage, portChannel, processChannel } from './channels.ts'
export type { RecorderMessage } from './channels.ts'
export { openRecorder } from './open-recorder.ts'
export { RecorderClient } from './recorder-client.ts'
export { RecorderHost } from './recorder-host.ts'
export { StoreError, leavesMax, noChanges } from './recorder-store.ts'
export type {
  ActivationRow,
  Batch,
  EntryRow,
  HoldRow,
  IntentRow,
  RecorderState,
  RecorderStore,
  SpentRow,
  StoreErrorCode,
} from './recorder-store.ts'
export { RecorderError, intentWindowMs } from './recorder.ts'
export type {
  ActivatedText,
  HoldDecision,
  LeaseAnswer,
  NewHold,
  OpenHold,
  PlainLeaf,
  Recorded,
  RecordedAnnouncement,
  RecordedDispute,
  RecordedOrder,
  Recorder,
  RecorderErrorCode,
  Reservation,
  Serving,
  StandingAnswer,
  StandingVersion,
  Unsequenced,
} from './recorder.ts'
