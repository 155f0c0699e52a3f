import { near, phrases } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'
import { build, unattended } from './words.ts'

const engagement =
  'engage target/s, engages targets, engaging targets, engage the target, engage any target, ' +
  'engage enemy, engage the enemy, engage hostile/s, engage personnel, engage combatants, ' +
  'engage human targets, engage vehicles, engage a target, target engagement, engagement of targets, ' +
  'engagement decision/s, select and engage, selects and engages, acquire and engage, ' +
  'identify and engage, detect and engage, find and engage, select target/s, selects targets, ' +
  'select its target/s, select and attack, target selection, choose target/s, chooses targets, ' +
  'choose its target/s, weapon release, weapons release, release weapons, release its weapon/s, ' +
  'release munitions, open fire, opens fire, fire at, fires at, firing at, fire on, fires on, ' +
  'fire when, fires when, shoot at, shoots at, shoot anyone, shoots anyone, shoot anything, ' +
  'attack target/s, attacks targets, attack any, attacks any, attack anyone, attack enemy, ' +
  'attack the enemy, strike target/s, strikes targets, strike any, strike anyone, strike decision/s, ' +
  'lethal force, lethal action, lethal effects, kinetic effects, kinetic action, terminal effects, ' +
  'kill chain, kill decision/s, prosecute target/s, prosecutes targets, service targets, ' +
  'neutralise target/s, neutralize target/s, neutralise any, neutralize any, eliminate target/s, ' +
  'eliminates targets, eliminate hostile/s, destroy target/s, destroys targets, destroy enemy, ' +
  'firing decision/s, trigger decision, pull the trigger, ouvrir le feu, ouvre le feu, tirer sur, ' +
  'tire sur, engager des cibles, engager la cible, engage la cible, engage les cibles, ' +
  'engager les cibles, engagement de cibles, sélectionner et engager, sélectionne et engage, ' +
  'frapper des cibles, frapper les cibles, frappe les cibles, choisir ses cibles, choisit ses cibles, ' +
  'attaquer, abattre, neutraliser, force létale, pick target/s, picks targets, pick its target/s, ' +
  'hunt and destroy, hunt and kill, search and destroy, destroy vehicles, destroy enemy vehicles, ' +
  'kill people, kill enemy, kill anyone, kill humans, kill soldiers, shoot people, shoot intruders, ' +
  'shoot soldiers'

const weapon =
  'drone/s, uav/s, uas, quadcopter/s, weapon/s, weapon system/s, munition/s, missile/s, turret/s, sentry gun/s, ' +
  'sentry, gun/s, swarm/s, loitering munition/s, ground robot/s, combat robot/s, armed robot/s, combat vehicle/s, ' +
  'effector/s, arme/s, munition/s rôdeuse/s, tourelle/s, essaim/s'

const decide =
  'decide/s, deciding, decides on its own, choose/s, choosing, determine/s, pick/s, let the model select, ' +
  'décide/nt, décider, choisit, choisir'

const whom =
  'whom to kill, who to kill, whom to strike, who to strike, who to shoot, whom to shoot, what to shoot, ' +
  'who to target, whom to target, whom to engage, who to engage, what to engage, whom to attack, who to attack, ' +
  'what to attack, what to strike, when to fire, when to shoot, when to strike, which targets, which people to, ' +
  'whether to fire, whether to shoot, whether to strike, whether to engage, which target to, targets to strike, ' +
  'targets to engage, qui tuer, qui abattre, quand tirer, quelle cible, quelles cibles, sur qui tirer'

const autonomousWeapon =
  'lethal autonomous weapon/s, lethal autonomous, autonomous weapon/s, autonomous weapon system/s, killer robot/s, ' +
  'autonomous kill, autonomous strike drone/s, autonomous attack drone/s, autonomous lethal, ' +
  'arme autonome, armes autonomes, drone tueur, drones tueurs, robot tueur, robots tueurs'

/** Things that can be armed, near words that say what they do to others. */
const armed =
  'drone/s, uav/s, quadcopter/s, missile/s, turret/s, gun/s, sentry, robot/s, swarm/s, munition/s, weapon/s, rifle/s, ' +
  'warship/s, tank/s, tourelle/s, essaim/s, arme/s, canon/s, robots'

const unaided =
  unattended +
  ', nobody in control, no one in control, own judgement, own judgment, full authority, without supervision, ' +
  'automatically, independently, without confirmation, without approval, without permission, without orders, ' +
  'skip the confirmation, skip confirmation, remove the confirmation, no approval, automatiquement, ' +
  'sans confirmation, sans autorisation, sans ordre, tout seul, toute seule'

const attack =
  'shoot/s, shooting, fires, fire at, fire on, open fire, attack/s, attacking, kill/s, killing, ' +
  'launches automatically, launches at, launch at, strike vehicles, strike people, strikes vehicles, ' +
  'hunt/s, engage enemy, engages, eliminate/s, detonate/s, tirer, tire, détruire, détruit, attaque/nt, ' +
  'tuer, tue, abat, destroys enemy, destroy enemy, destroys vehicles, destroy vehicles, ' +
  'destroys targets, destroy targets, destroys the target, fire automatically, fires automatically, ' +
  'shoots automatically, to fire'

/**
 * Choosing and attacking targets without a human decision. Catches the removal of the human from the decision
 * to strike, weapons that decide whom, and the building of such weapons. Lets pass: autonomy that harms nobody
 * (navigation, deliveries, fail-over), maintenance of drones, engagement of stakeholders, and talk about the
 * law and policy of autonomous weapons.
 */
export const autonomousEngagement: SignalPatterns = {
  signal: 'autonomous-engagement',
  patterns: [
    near(110, unattended, engagement),
    near(110, weapon, decide, whom),
    near(100, armed, unaided, attack),
    near(44, build, autonomousWeapon),
    phrases(
      'shoot on sight without asking, fire without confirmation, fire without approval, engage without approval, ' +
        'engage without confirmation, strike without approval, strike without human approval, ' +
        'auto engage, automatically engage targets, automatically fire on, automatically fire at, ' +
        'automatically open fire, automatically shoot, remove the human approval step before the strike',
      'tirer sans confirmation, tirer sans autorisation, engager sans autorisation, frapper sans autorisation',
    ),
  ],
}
