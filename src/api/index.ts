/** The control socket, through which people hold, order and certify. */
export type { AgreementTaken } from './agreements.ts'
export type { ActivationDeps, ControlDeps, Oversight } from './control-deps.ts'
export type { ControlErrorCode } from './control-error.ts'
export { createControl } from './control-server.ts'
export type { DisputeOpened } from './disputes.ts'
export type { ExplainedNow } from './explain.ts'
export { enrolReviewers, enrolmentGaps } from './enrol-reviewers.ts'
export type { ListedHold, ShownHold } from './hold-view.ts'
export type { DecisionTaken } from './holds.ts'
export { listenOnSocket, socketAddress } from './listen-on-socket.ts'
export type { OrderCarriedOut } from './orders.ts'
export type {
  Judged,
  Judgement,
  ReplayChange,
  ReplayPlace,
  ReplayReport,
  ReplayedUnit,
  ReplayedVersion,
} from './replay-report.ts'
export { credentialHeader, signRequest } from './reviewer-credential.ts'
export type { AgreementView, AnnouncedView, StandingView } from './standing-view.ts'
