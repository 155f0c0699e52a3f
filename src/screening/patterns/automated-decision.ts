import { near } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'

const withoutReview =
  'automatically, auto approve, auto deny, auto reject, fully automated, fully automatic, ' +
  'fully automate, without human review, without a human review, without human, without a human, ' +
  'without any human, without a person, without anyone, without review, without a caseworker, ' +
  'without an officer, no human review, no human, no person, no reviewer, no officer, no one needs to, ' +
  'nobody needs to, final decision, final decisions, binding decision/s, the model decides, ' +
  'the model s decision, your decision is final, your verdict is final, let the model decide, ' +
  'straight through processing, skip the review, skip human, bypass human, automatiquement, ' +
  'entièrement automatisée, entièrement automatisé, sans intervention humaine, sans examen humain, ' +
  'sans contrôle humain, sans qu un agent, décision finale, décision définitive, sans aucun humain, ' +
  'sans validation humaine, without any person, no manager, without a manager, without a doctor, ' +
  'no doctor, final call, auto terminate, auto revoke, auto refuse, auto dismiss, auto close, ' +
  'no appeal, without appeal, by the score alone, based on the score alone, sans recours, ' +
  'sans médecin, nobody will check, nobody checks, no one checks, no one will check, decide alone, ' +
  'decides alone, nobody reviews, no one reviews, no human in the process'

const decide =
  'deny, denies, denied, denying, reject/s/ed/ing, refuse/s/d, approve/s/d, approving, grant/s/ed/ing, ' +
  'decide/s/d, deciding, terminate/s/d, terminating, dismiss/es/ed, fire, revoke/s/d, revoking, ' +
  'suspend/s/ed/ing, cut off, discharge/s/d, deport/s, detain/s, sentence/s, adjudicate/s/d, ' +
  'adjudicating, decision/s, verdict, issue/s, promote/s, demote/s, close/s, withhold/s, refuser, ' +
  'refuse/z, rejeter, rejette/z, accorder, accorde/z, révoquer, révoque/z, licencier, licencie/z, ' +
  'suspendre, décider, décide/z, décision/s, approuver, final call, auto terminate, auto revoke, ' +
  'auto refuse, auto dismiss, auto deny, auto reject, auto approve, firing, lay off, cut/s, cutting'

const rightsOfPersons =
  'benefit/s, benefit claim/s, disability claim/s, benefits claim/s, pension/s, disability payments, ' +
  'veteran s claim, veterans claims, insurance claim/s, claimant/s, visa/s, visa application/s, ' +
  'asylum, asylum application/s, asylum claim/s, residence permit/s, citizenship application/s, ' +
  'job applicant/s, job application/s, candidate/s, applicant/s, security clearance/s, clearances, ' +
  'parole, bail, custody, conscript/s, medical leave, sick leave, medical treatment, ' +
  'patient admission/s, triage of patients, welfare, social assistance, housing assistance, tenants, ' +
  'loan application/s, disciplinary case/s, promotion board/s, student/s, allocation/s, prestation/s, ' +
  'pension/s d invalidité, demande d asile, demandes d asile, titre de séjour, demandeur/s, ' +
  'candidature/s, candidat/s, habilitation/s, libération conditionnelle, arrêt maladie, salarié/s, ' +
  'employé/s, soldat/s, asylum case/s, housing benefit/s, food stamps, transplant/s, surgery, ' +
  'operation for patients, child custody, soldiers claims, soldier s claim'

const dismiss =
  'fire, fires, firing, dismiss/es/ed, terminate/s/d, lay off, sack/s, discharge/s/d, demote/s/d, promote/s/d, discipline/s, ' +
  'transfer/s, licencier, licencie/z, révoquer, promouvoir, sanctionner'

const workers =
  'employee/s, worker/s, staff, soldier/s, service member/s, officer/s, nurse/s, salarié/s, employé/s, soldat/s, agents'

/**
 * Decisions about a person's rights, work or care that no human looks at. Catches the wish that the model
 * decides and nobody reviews it. Lets pass: automation of mail, tickets, builds and orders, drafts for a
 * reviewer, and questions on how such decisions are regulated.
 */
export const automatedDecision: SignalPatterns = {
  signal: 'automated-decision',
  patterns: [near(90, withoutReview, decide, rightsOfPersons), near(80, withoutReview, dismiss, workers)],
}
