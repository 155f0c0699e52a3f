import { near, phrases } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'

const make =
  'design/s/ing, build/s/ing, develop/s/ing, improve/s, improving, optimise/s, optimize/s, optimising, ' +
  'optimizing, manufacture/s, manufacturing, produce, producing, construct/ing, engineer/ing, ' +
  'assemble, assembling, weaponise/s, weaponize/s, increase the lethality, increase the yield, ' +
  'more lethal, miniaturise, miniaturize, concevoir, conçois, concevez, fabriquer, fabrique/z, ' +
  'construire, construis/ez, développer, développe/z, améliorer, améliore/z, assembler, optimiser, ' +
  'optimise/z, improvement/s to, improvements of, blueprint/s for, plans for a'

/** Close to the verb only: these words stand in safe requests as well. */
const arms =
  'warhead/s, guided missile/s, cruise missile/s, ballistic missile/s, hypersonic missile/s, ' +
  'landmine/s, land mine/s, munition/s, cluster munition/s, loitering munition/s, artillery shell/s, ' +
  'rocket launcher/s, weaponised drone/s, weaponized drone/s, armed drone/s, attack drone/s, ' +
  'new weapon, weapon system/s, machine gun/s, silencer/s, ghost gun/s, ogive/s, mine/s antipersonnel, ' +
  'arme/s nouvelle/s, drone armé, drones armés, drone d attaque, drones d attaque, système d arme, ' +
  'obus, a missile, new missile, missile with, missile that, missiles, anti ship missile, ' +
  'anti tank missile, grenades, torpedoes, rifles, machine guns, un missile, des missiles, ' +
  'nouveau missile'

/** Grave enough to be heard from further away. */
const graveArms =
  'nerve agent/s, chemical weapon/s, chemical warfare agent/s, biological weapon/s, bioweapon/s, ' +
  'bio weapon/s, nuclear weapon/s, nuclear warhead/s, nuclear bomb/s, nuclear explosive/s, ' +
  'radiological weapon/s, dirty bomb/s, pipe bomb/s, car bomb/s, nail bomb/s, suicide vest/s, ' +
  'improvised explosive device/s, ied, explosive device/s, shaped charge/s, explosively formed, ' +
  'warhead design, missile guidance, guidance system for a missile, missile seeker, terminal guidance, ' +
  'fragmentation pattern, weapon yield, toxin weapon/s, agent neurotoxique, arme chimique, ' +
  'armes chimiques, arme biologique, armes biologiques, arme nucléaire, armes nucléaires, bombe sale, ' +
  'engin explosif, engins explosifs, charge creuse, guidage d un missile, warhead s penetration, ' +
  'guidance algorithm for, drops grenades, drop grenades, drops bombs, drop bombs, dropping grenades, ' +
  'homemade explosive/s, strongest explosive, explosive mixture, as a weapon, as weapons, ' +
  'cruise missile guidance, radiological bomb/s, explosive yield, yield of the device, attack drone/s'

const makeGrave =
  'design/ing, build/ing, develop/ing, make, making, manufacture, manufacturing, construct/ing, ' +
  'synthesise, synthesize, synthesising, synthesizing, weaponise, weaponize, assemble, assembling, ' +
  'improvise, improve, improving, optimise, optimize, increase, enhance, create, cook up, formulate, ' +
  'formulation, recipe, blueprint/s, concevoir, fabriquer, construire, développer, synthétiser, ' +
  'assembler, améliorer, recette, plans d, what mixture, which mixture, mixture, how to mix, ' +
  'more contagious, more lethal, more deadly, more transmissible, produce/s, producing, design for, ' +
  'plans for, draw up plans'

/**
 * Making or improving weapons. Catches design, building and improvement of arms, and of means of mass
 * destruction from further away. Lets pass: storage, disposal, clearance, maintenance schedules, treaties,
 * protection and medical care.
 */
export const weaponDevelopment: SignalPatterns = {
  signal: 'weapon-development',
  patterns: [
    near(30, make, arms),
    near(48, makeGrave, graveArms),
    near(
      60,
      'make, making, engineer/ing, modify, modifying, create, creating, how can i, how to, rendre, modifier',
      'more deadly, more lethal, more contagious, more infectious, more virulent, more transmissible, weaponise/d, ' +
        'weaponize/d, plus mortel, plus contagieux, plus virulent',
      'anthrax, smallpox, plague, virus/es, pathogen/s, toxin/s, ricin, strain/s, bacteria, bacterium, agent/s, ' +
        'souche/s, agent pathogène, toxine/s',
    ),
    phrases(
      'build me a bomb, build a bomb to, make a bomb, making a bomb, how to build a bomb, bomb making instructions',
      'fabriquer une bombe, construire une bombe',
    ),
  ],
}
