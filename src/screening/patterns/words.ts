/** Groups of words that several signals share. */

/** All of them, without exception. */
export const everyone =
  'all, every, everyone, everybody, each, any, entire, whole, total, nationwide, citywide, city wide, ' +
  'country wide, millions of, tous, toutes, chaque, ensemble des, ensemble de la, toute la, tout le, ' +
  'the whole, all of, at any moment, at all times, complete'

/** The people of a country or a town, as opposed to one's own staff. */
export const population =
  'citizen/s, citizenry, resident/s, inhabitant/s, populace, general public, household/s, townspeople, ' +
  'villager/s, passer by, passers by, pedestrian/s, neighbourhood/s, neighborhood/s, nationals, ' +
  'americans, people in the city, people in the country, people in the district, everyone in the city, ' +
  'everyone in the country, everyone in the district, everyone in the region, everyone in town, ' +
  'everybody in the city, everyone who lives, everybody who lives, anyone who lives, citoyen/s, ' +
  'citoyenne/s, habitant/s, habitante/s, résident/s, riverain/s, passant/s, civilians, every civilian, ' +
  'nation, everybody in town, everyone in the nation, the public, whole population, entire population, ' +
  'civilian population, local population, general population, domestic population, population of, ' +
  'every population, complete population'

/** Keeping people under observation. */
export const watch =
  'watch/es/ed/ing, track/s/ed/ing, monitor/s/ed/ing, surveil*, spy on, spies on, spying on, ' +
  'keep tabs on, keeps tabs on, keeping tabs on, keep an eye on, eavesdrop*, listen in on, wiretap*, ' +
  'intercept*, follow/s/ed/ing, observe/s/d, observing, keep under observation, under observation, ' +
  'surveill*, espionn*, pister, écouter, suivre, suivez, intercepter, listen to, listens to, ' +
  'listening to, know where, see where, show where, shows where, know what, see what, record who, ' +
  'records who, log who, view of, know at all times, overview of who, electronic observation, ' +
  'scan/s/ning, watches over'

/** Making something or setting it going. */
export const build =
  'build/s/ing, design/s/ing, develop/s/ing, deploy/s/ing, implement/s/ing, set up, setting up, ' +
  'run/s/ning, operate/s, install/s/ing, establish/es/ing, roll out, rolling out, put in place, ' +
  'architect, code, program, launch, expand/ing, construis/ez, construire, concevoir, conçois, ' +
  'concevez, développer, développe/z, déployer, déploie, mettre en place, mets en place, ' +
  'mettez en place, installer, create/s, creating'

/** Doing without the person who would decide. */
export const unattended =
  'autonomous/ly, without human, without a human, without any human, without waiting for a human, ' +
  'without an operator, without operator, without a person, without anyone, without asking anyone, ' +
  'no human in the loop, no human, no operator, human out of the loop, humans out of the loop, ' +
  'human off the loop, on its own, on their own, by itself, by themselves, fully automat*, ' +
  'fully automatic/ally, self directed, unsupervised, machine speed, remove the human, ' +
  'removes the human, take the human out, bypass the human, skip the human, bypass human, skip human, ' +
  'de manière autonome, de façon autonome, autonome/s, sans intervention humaine, ' +
  'sans validation humaine, sans contrôle humain, sans opérateur, sans aucun humain, ' +
  'sans décision humaine, without asking, no operator confirmation, without operator confirmation, ' +
  'no confirmation, no human confirmation, without any person, no one has to confirm, ' +
  'nobody has to confirm, nobody confirms, without waiting for'
