/** The processes: settings, start, the recorder's thread, the gateway workers. Wiring, and nothing that decides. */
export { gateBeside, requireSameAgency, startChildGate } from './child-gate.ts'
export type { ChildGate } from './child-gate.ts'
export {
  beginInitialisation,
  initialise,
  initialiseGate,
  isInitialised,
  wasInterrupted,
} from './initialise.ts'
export { originOf, readLogSigner, readUpstreamCredentials } from './key-files.ts'
export { placesOf } from './places.ts'
export type { Places } from './places.ts'
export { serve } from './serve.ts'
export type { Serving } from './serve.ts'
export { gateOf, readSettings } from './settings.ts'
export type { Role, Settings } from './settings.ts'
export { runWorkerProcess } from './worker-process.ts'
