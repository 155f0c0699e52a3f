import { near, phrases } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'

const score =
  'score/s/d, scoring, rank/s/ed/ing, rate/s/d, rating/s, grade/s/d, grading, points, index, tier/s, ' +
  'threat level, risk level, assign a number, classify, noter, note/s, notation, score/s, classer, ' +
  'classe/z, classement, points, évaluer, évalue/z, attribuer, trust rating, index of, predict which, ' +
  'predict who, how loyal, points system, ordered by, order by, ordering by, deduct points, penalise, ' +
  'penalize'

const persons =
  'citizen/s, resident/s, inhabitant/s, civilian/s, person, persons, individual/s, family, families, ' +
  'household/s, immigrant/s, migrant/s, traveller/s, traveler/s, visitor/s, villager/s, neighbour/s, ' +
  'neighbor/s, employee/s, worker/s, staff member/s, soldier/s, service member/s, recipient/s, ' +
  'claimant/s, students, citoyen/s, habitant/s, résident/s, personne/s, individu/s, famille/s, ' +
  'migrant/s, voyageur/s, employé/s, salarié/s, soldat/s, allocataire/s, villager, officer/s, staff, ' +
  'these people, people who, people by, people in, which people, of people, each of them, refugee/s, ' +
  'detainee/s, member/s of the public'

const worth =
  'trustworthy, trustworthiness, loyalty, disloyalty, social behaviour, social behavior, ' +
  'social conduct, good behaviour, good behavior, bad behaviour, bad behavior, private life, ' +
  'dangerousness, criminality, criminal tendencies, criminal propensity, propensity to, ' +
  'likely to commit, likely to offend, likelihood of offending, future crime, their associations, ' +
  'its associations, his associations, political reliability, reliability as a citizen, patriotism, ' +
  'obedience, civic behaviour, civic behavior, personality traits, personality, moral character, ' +
  'lifestyle, friends, social media posts, social media activity, online posts, radicalisation, ' +
  'radicalization, subversive*, loyauté, fiabilité sociale, comportement social, civisme, dangerosité, ' +
  'obéissance, patriotisme, mode de vie, personnalité, fréquentations, publications sur les réseaux, ' +
  'réseaux sociaux, family ties, loyal, disloyal, patriotic, good citizenship, commit crimes, ' +
  'commit a crime, will commit, will offend, trust rating, obedient, political views, religious habits'

const socialScore =
  'social score/s, social scoring, social credit, citizen score/s, citizen scoring, citizenship score/s, ' +
  'trust score/s, trustworthiness score/s, loyalty score/s, loyalty index, civic score/s, behaviour score/s, ' +
  'behavior score/s, dangerousness score/s, crédit social, note sociale, notation sociale, score social, ' +
  'score de confiance, score de loyauté, indice de loyauté, note de civisme, score de dangerosité'

const assign =
  'assign/s/ing, compute/s, computing, calculate/s, calculating, give/s, produce/s, generate/s, create/s, ' +
  'creating, build/s/ing, design/s/ing, develop/s/ing, implement/s/ing, set up, maintain, update, derive, ' +
  'attribuer, attribue/z, calculer, calcule/z, donner, donne/z, créer, crée/z, établir, construire, concevoir'

/**
 * Scoring persons by what they are or how they live, in the sense of Article 5(1)(c) and (d) of Regulation (EU)
 * 2024/1689: social credit, loyalty, presumed dangerousness. Lets pass: scoring bids, tests, risks of things,
 * and clinical scores of patients.
 */
export const personScoring: SignalPatterns = {
  signal: 'person-scoring',
  patterns: [
    near(100, score, persons, worth),
    near(60, assign, socialScore),
    near(70, socialScore, persons),
    phrases('rank citizens, score citizens, score every citizen, rank every citizen, score the population'),
  ],
}
