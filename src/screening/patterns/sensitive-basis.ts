import { near, phrases } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'

const sort =
  'select/s/ing, choose, filter/s/ed/ing, filter out, flag/s/ged/ging, sort/s/ing, screen out, ' +
  'screen/s/ing, exclude/s, excluding, reject/s/ing, rank/s/ing, grouping, separate, target/ing, ' +
  'prioritise, prioritize, single out, watchlist, put on a list, deny, assign, weed out, remove, ' +
  'profile, profiling, decide which, decide who, pick, sélectionne/z, sélectionner, trie/z, trier, ' +
  'filtre/z, filtrer, écarte/z, écarter, exclus, excluez, exclure, signale/z, signaler, classe/z, ' +
  'classer, choisir, refuser, separate the'

const who =
  'citizen/s, resident/s, applicant/s, candidate/s, employee/s, worker/s, service member/s, soldier/s, ' +
  'recruit/s, officer/s, personnel, traveller/s, traveler/s, passenger/s, visitor/s, individual/s, ' +
  'person, persons, people, names, users, customers, patients, tenants, students, voter/s, ' +
  'immigrant/s, migrant/s, staff, families, anyone, everyone, contractors, citoyens, candidats, ' +
  'candidat, candidatures, employés, salariés, soldats, recrues, voyageurs, personnes, patients, ' +
  'migrants, habitants, familles, agents, refugee/s, detainee/s, réfugiés'

const basis =
  'based on religion, based on their religion, based on race, based on their race, based on ethnicity, ' +
  'based on their ethnicity, based on ethnic origin, based on their ethnic origin, ' +
  'based on nationality of their parents, based on sexual orientation, ' +
  'based on their sexual orientation, based on political, based on their political, ' +
  'based on union membership, based on skin colour, based on skin color, by religion, by race, ' +
  'by ethnicity, by ethnic origin, by sexual orientation, by political opinion/s, by political views, ' +
  'by their religion, by their race, by their ethnicity, by their faith, by faith, by skin colour, ' +
  'by skin color, because of their religion, because of their race, because of their ethnicity, ' +
  'because of their faith, because they are muslim, because they are jewish, because they are gay, ' +
  'because they are black, according to religion, according to their religion, according to race, ' +
  'according to ethnicity, religious affiliation, religious belief/s, ethnic background, ' +
  'ethnic origin/s, racial origin/s, sexual orientation, political opinion/s, political belief/s, ' +
  'political affiliation/s, party membership, trade union membership, union membership, ' +
  'ethnic sounding names, muslim sounding names, arabic sounding names, foreign sounding names, ' +
  'selon leur religion, selon leur origine ethnique, selon leur origine, selon la religion, ' +
  'selon leur race, selon leur orientation sexuelle, selon leurs opinions politiques, ' +
  'en fonction de leur religion, en fonction de leur origine, convictions religieuses, ' +
  'opinions politiques, appartenance religieuse, appartenance syndicale, origine ethnique, ' +
  'orientation sexuelle, d après leur nom, skin colour, skin color, by sect, by caste, by tribe, ' +
  'right ethnicity, wrong ethnicity, right religion, wrong religion, couleur de peau'

const singleOut =
  'flag/s/ged/ging, single out, filter out, screen out, weed out, exclude, register, watchlist, ' +
  'identify, find out which, which of these, which of the, which of our, who among, guess, list all, ' +
  'list every, make a list of, signaler, signale/z, repérer, repère/z, recenser, recense/z, ficher, ' +
  'liste des, lister, identifier, écarter, list the, deny, refuse, reject, pick out, find the, ' +
  'tell me who, which staff, which soldiers, which employees, remove all, remove the, remove every, ' +
  'which applicants, which candidates, which residents, which recruits, which students'

const members =
  'muslim citizens, muslim applicants, muslim employees, muslim soldiers, muslim residents, ' +
  'muslim travellers, muslim travelers, muslim students, are muslim, are muslims, is muslim, ' +
  'is a muslim, muslims, jewish citizens, jewish applicants, jewish employees, jewish soldiers, ' +
  'jewish residents, are jewish, is jewish, jews, gay employees, gay soldiers, gay applicants, ' +
  'are gay, is gay, homosexuals, are homosexual, transgender employees, transgender soldiers, ' +
  'transgender applicants, transgender service members, are transgender, is transgender, ' +
  'union members, trade unionists, party members, black applicants, arab applicants, are roma, ' +
  'roma families, of arab descent, of foreign descent, musulmans, juifs, homosexuels, syndicalistes, ' +
  'syndiqués, roms, to be gay, to be jewish, to be muslim, to be transgender, be homosexual, ' +
  'vote for the opposition, votes for the opposition, voted for the opposition, ' +
  'support the opposition, practise islam, attend mosque, gay candidates, muslim candidates, ' +
  'jewish candidates, muslim recruits, gay recruits, are catholic, are christian, are hindu, ' +
  'are black, are arab, are kurdish'

/**
 * Choosing or marking persons by religion, origin, politics, union or sexuality. Lets pass: chaplaincy and diet,
 * equal-opportunity figures in aggregate, languages, and law against discrimination.
 */
export const sensitiveBasis: SignalPatterns = {
  signal: 'sensitive-basis',
  patterns: [
    near(90, sort, who, basis),
    near(44, singleOut, members),
    near(44, singleOut, who, 'origin, descent, ancestry, origine, ascendance'),
    phrases('racial profiling tool, ethnic profiling tool, profile by ethnicity, profiling by ethnicity'),
  ],
}
