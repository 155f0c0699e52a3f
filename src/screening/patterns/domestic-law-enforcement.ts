import { near, phrases } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'

const plan =
  'plan/s/ning, list, draft, generate/s, select/s, coordinate/s, support/ing, assist/ing, help/s, ' +
  'target/ing, prepare/s, schedule/s, recommend/s, identify/ing, identifies, find, locate/s, ' +
  'predict/s/ing, prioritise/s, prioritize/s, optimise, optimize, organise, organize, which, who, ' +
  'build, give, name/s, flag/s, allocate, route/s, dispatch, planifie/z, planifier, dresse/z, dresser, ' +
  'prépare/z, préparer, aide/z, aider, identifie/z, identifier, trouve/z, trouver, localise/z, ' +
  'localiser, organise/z, organiser, prédire, liste, tell, where will, where do, so that we can, match'

const arrest =
  'arrest/s/ed/ing, detain/s/ed/ing, detention/s, deport/s/ed/ing, deportation/s, round up, rounding up, roundup, ' +
  'raid/s/ed/ing, stop and search, stop and frisk, crackdown, crack down, prosecute, mass arrest/s, curfew, ' +
  'disperse, dispersing, apprehend*, kettle, kettling, ' +
  'arrêter, arrestation/s, interpeller, interpellation/s, expulser, expulsion/s, rafle/s, perquisition/s, ' +
  'disperser, reconduite/s à la frontière'

const civilians =
  'protester/s, demonstrator/s, marcher/s, picketer/s, rioter/s, activist/s, dissident/s, immigrant/s, ' +
  'migrant/s, undocumented, undocumented people, illegal aliens, aliens, refugees, asylum seekers, ' +
  'citizens, residents, neighbourhood/s, neighborhood/s, gang members, drug dealers, suspects, ' +
  'strikers, union organisers, union organizers, demonstration/s, protest/s, march, manifestant/s, ' +
  'manifestation/s, migrants, sans papiers, étrangers, militants, grévistes, habitants, quartier/s, ' +
  'demandeurs d asile, suspects, people to deport, people to arrest, people to detain, families'

const police =
  'police, police department, police officers, law enforcement, immigration enforcement, border patrol, ' +
  'immigration agents, immigration officers, sheriff, sheriffs, homeland security, federal agents, national guard, ' +
  'gendarmerie, gendarmes, police nationale, forces de l ordre'

const domestic =
  'predictive policing, domestic law enforcement, domestic policing, police patrols, crime prediction, ' +
  'crime hotspot/s, crime hot spots, riot control, crowd control at the protest, protest policing, ' +
  'police prédictive, maintien de l ordre, délinquance prédictive'

const operate =
  'build/s/ing, design/s/ing, develop/s/ing, deploy/s/ing, implement/s/ing, set up, run/ning, train a model, model for, ' +
  'optimise, optimize, plan/ning, support/ing, predict/ing, allocate, direct, dispatch, forecast, ' +
  'concevoir, développer, développe/z, déployer, mettre en place, planifier, planifie/z, construire, appuyer, prédire'

/**
 * Police work against people at home: arrests, raids, deportations, protests, predicted crime. Catches planning
 * and choosing whom. Lets pass: military police rosters, lost-property and traffic reports, guard duty at
 * gates, history, and law.
 */
export const domesticLawEnforcement: SignalPatterns = {
  signal: 'domestic-law-enforcement',
  patterns: [
    near(80, plan, arrest, civilians),
    near(110, plan, police, civilians, arrest),
    near(50, operate, domestic),
    near(
      44,
      'identify/ing, identifies, unmask, name the, find the names of, track down, photograph/s, ' +
        'identifier, identifie/z, ficher, fiche/z',
      'protester/s, demonstrator/s, marchers, strikers, picketers, rally participants, protest participants, ' +
        'people at the protest, people at the rally, people at the demonstration, who attended the protest, ' +
        'who attended the rally, who attended the demonstration, manifestants, grévistes, participants à la manifestation',
    ),
    near(
      90,
      'predict/s/ing, prediction, forecast, prédire, prévoir',
      'crime/s, criminal activity, burglary, burglaries, robberies, thefts, gang violence, unrest, riots, délinquance',
      'police, where, neighbourhood/s, neighborhood/s, area/s, street/s, patrol/s, homes, district/s, addresses, quartier/s, patrouilles, rues',
    ),
    near(
      60,
      'match/es/ing, identify, recognise, recognize, compare, name, reconnaître, comparer',
      'face/s, photos, footage, video, visages',
      'at the march, protest march, rally, protest/s, demonstration/s, picket line, manifestation/s',
    ),
    phrases('identify undocumented, find undocumented, list of undocumented, locate undocumented'),
  ],
}
