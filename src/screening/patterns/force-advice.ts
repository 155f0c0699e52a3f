import { near, phrases } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'

const advise =
  'recommend/s/ed/ing, recommendation/s, propose/s, advise/s, advice, suggest/s, nominate/s, nominating, ' +
  'prioritise/s, prioritize/s, rank/s/ing, select/s/ing, choose, choosing, generate/s, draft, plan/s/ning, prepare, ' +
  'which, who, what, where, when, should we, best way, best time, optimal, how many, give me, list, develop, ' +
  'compute, determine, assess, produce, build, course of action, courses of action, ' +
  'recommande/z, recommander, propose/z, proposer, conseille/z, conseiller, choisir, planifie/z, planifier, ' +
  'quelle/s, quel/s, où, quand, prépare/z, préparer, établis, établir, liste, meilleur moment'

const strike =
  'airstrike/s, air strike/s, drone strike/s, missile strike/s, artillery strike/s, ' +
  'precision strike/s, kinetic strike/s, lethal strike/s, strike package/s, strike first, ' +
  'strike target/s, strike on the, strike on a, strike on this, strike against, strikes on, ' +
  'strikes against, targets to strike, target to strike, bombing run, bombing raid, bombardment, ' +
  'to bomb, should bomb, shell the, shelling of, fire mission/s, artillery fire, kinetic action, ' +
  'kinetic option/s, kinetic effects, lethal action, lethal targeting, close air support, ' +
  'targeted killing/s, hellfire, weaponeering, frappe aérienne, frappes aériennes, frappe de drone, ' +
  'frappes de drones, frappe de missile, tir d artillerie, tirs d artillerie, bombarder, bombardement, ' +
  'assassiner, élimination ciblée, frappe sur, frappes sur, bomb the, bomb this, hit with the missile, ' +
  'hit with a missile, with the missile, with a missile, strike now, mortar fire, shell this, ' +
  'frapper le, frapper la, frapper les, frapper ce, strike the convoy, strike the compound, ' +
  'strike the village, strike the bridge, strike the house, strike the enemy, strike the position/s, ' +
  'strike the target/s, strike the building, what ordnance, which ordnance, ordnance to use, ' +
  'ordnance should, weapon should we use, weapons should we use, munition should, munition to use, ' +
  'an ambush, the ambush, ambush on, ambush against, embuscade, assassination of, assassinate the, ' +
  'assassinate him, assassinate her, to assassinate'

const onWhat =
  'target/s, village/s, compound/s, convoy/s, building/s, bridge/s, house/s, individual/s, person, ' +
  'people, insurgent/s, combatant/s, fighter/s, militant/s, leader/s, commander/s, enemy, adversary, ' +
  'position/s, district/s, town/s, city, troops, headquarters, bunker/s, base/s, gathering/s, men, ' +
  'suspect/s, coordinates, cible/s, convoi/s, bâtiment/s, maison/s, individu/s, combattant/s, chef/s, ' +
  'ennemi/s, ennemie/s, village/s, ville/s, quartier/s, personne/s, minister/s, president, ' +
  'politician/s, official/s, journalist/s, crowd'

const targetLists =
  'target nomination/s, target nomination list, kill list, kill capture list, capture or kill list, ' +
  'capture kill list, strike list, prioritised target list, prioritized target list, ' +
  'high value target list, high value target/s, high value individual/s, time sensitive target/s, ' +
  'target package/s, strike package/s, liste de cibles, dossier de cible, dossiers de cibles, ' +
  'cible de haute valeur, cibles de haute valeur, next target for, next target to'

const makeList =
  'draft, generate/s, produce/s, build, create, compile/s, prepare/s, recommend/s, rank/s, ' +
  'prioritise/s, prioritize/s, update, add, nominate/s, select/s, who, which, propose/s, give me, ' +
  'locate, eliminate, génère, générer, dresse/z, dresser, établis, établir, prépare/z, préparer, ' +
  'propose/z, proposer, classe/z, classer, pick, choose'

const casualties =
  'acceptable civilian casualties, acceptable casualties, acceptable number of civilian, civilian casualties are acceptable, ' +
  'civilian deaths are acceptable, acceptable civilian deaths, collateral damage estimate/s, ' +
  'collateral damage estimation, civilian casualty cut off, pertes civiles acceptables, victimes civiles acceptables, ' +
  'estimation des dommages collatéraux'

const forceContext =
  'strike/s, attack/s, target/s, bomb/s, bombing, raid/s, munition/s, weapon/s, missile/s, frappe/s, attaque/s, cible/s, bombe/s'

const kill =
  'kill the, kill him, kill her, kill them, to kill, eliminate the, eliminate him, elimination, be eliminated, take out the, ' +
  'ambush the, neutralise the, neutralize the, tuer le, tuer les, éliminer le, éliminer les, abattre le'

const fighters =
  'commander/s, insurgent/s, militant/s, fighter/s, combatant/s, bystander/s, guards, soldiers, ' +
  'patrol, enemy, chef/s, combattant/s, soldats, insurgés, rebelles, leaders, rebel leader, ' +
  'militant leader, insurgent leader'

/**
 * Advice on the use of force against persons or places: what to strike, whom, when, with what, at which price
 * in lives. Lets pass: strikes of workers and lightning, attack vectors, targets of campaigns and budgets,
 * medical evacuation, and history.
 */
export const forceAdvice: SignalPatterns = {
  signal: 'force-advice',
  patterns: [
    near(90, advise, strike, onWhat),
    near(50, makeList, targetLists),
    near(80, advise, kill, fighters),
    near(100, casualties, forceContext),
    phrases(
      'whom should we kill, who should we kill, who should be killed, which of them to kill, ' +
        'which target should we hit, which targets should we hit, which target do we hit, ' +
        'which of these targets should be attacked, which targets should we attack, which target should we attack, ' +
        'which target to attack first, which targets to attack',
      'quelle cible frapper, quelles cibles frapper, quelle cible attaquer, qui éliminer, qui faut il éliminer',
    ),
  ],
}
