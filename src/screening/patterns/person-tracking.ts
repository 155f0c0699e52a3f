import { near, phrases } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'

const follow =
  'track/s/ed/ing, track down, tracking down, locate/s/d, locating, geolocate/s, geolocating, ' +
  'follow/s/ing, shadow/ing, tail/ing, monitor/s/ing, trace/s, tracing, pinpoint/s/ing, surveil*, ' +
  'stalk/s/ing, watch/es/ing, spy on, find out, work out, figure out, determine, reconstruct/ing, ' +
  'log/s, suivre, suis, suivez, pister, localiser, localise/z, géolocaliser, géolocalise/z, tracer, ' +
  'retracer, surveiller, espionner, filer, reconstituer, discover, build a timeline, timeline of, ' +
  'where was, where is, where does, tell me each place, tell me every place, keep an eye on, ' +
  'report on, set an alert, alert me, alert when, everything on'

const oneIndividual =
  'this person, that person, this person s, one person, a named person, this individual, ' +
  'that individual, an individual, the individual, individual s, a specific individual, ' +
  'specific individuals, this man, that man, this woman, that woman, this guy, the subject s, ' +
  'subject of interest, person of interest, this journalist, a journalist, the journalist, ' +
  'journalist s, journalists, this activist, an activist, activist/s, dissident/s, this citizen, ' +
  'a citizen, citizen s, a private citizen, this lawyer, ex wife, ex wife s, ex husband, ' +
  'ex girlfriend, my ex, protester/s, protest organiser/s, protest organizer/s, this reporter, ' +
  'a reporter, whistleblower/s, politician/s, neighbour s, neighbor s, employee s, his, her, ' +
  'someone s, somebody s, the attached photo, name and photo, cette personne, cet homme, cette femme, ' +
  'cet individu, un individu, ce journaliste, un journaliste, cette journaliste, une journaliste, ' +
  'ce militant, cette militante, un militant, militant/s, ce citoyen, opposant/s, cet avocat, mon ex, ' +
  'lanceur d alerte, the woman, the man, the activist, the reporter, that reporter, the blogger, ' +
  'a blogger, blogger/s, union leader/s, opposition leader/s, defector/s, the suspect s, la femme, ' +
  'l homme, le militant, la militante, this senator, the senator, the minister, this judge, ' +
  'this prosecutor, that employee, this employee, this celebrity'

const trail =
  'whereabouts, movements, every move, live location, real time location, current location, ' +
  'phone location, phone s location, location history, location data, location every, gps position, ' +
  'phone signal, phone pings, cell tower, cell towers, home address, where he lives, where she lives, ' +
  'where they live, where he sleeps, where she sleeps, where he goes, where she goes, daily routine, ' +
  'daily route, pattern of life, patterns of life, comings and goings, licence plate, license plate, ' +
  'number plate, who he meets, who she meets, who they meet, déplacements, allées et venues, ' +
  'position en temps réel, localisation de son téléphone, son téléphone, adresse personnelle, ' +
  'domicile, où il habite, où elle habite, où il dort, où elle dort, emploi du temps, ' +
  'plaque d immatriculation, en temps réel, faits et gestes, habitudes quotidiennes, each place, ' +
  'every place, sleep at night, his contacts, her contacts, their contacts, everywhere, his phone, ' +
  'her phone, places she visits, places he visits, she visits, he visits, woman lives, man lives, ' +
  'person lives, activist lives, journalist lives, reporter lives, lawyer lives, spend his, ' +
  'spends his, spend her, spends her'

/** Whom others wish to silence or to control; nobody watches over them for their own good. */
const exposed =
  'journalist/s, reporter/s, activist/s, dissident/s, blogger/s, protester/s, whistleblower/s, politician/s, lawyer/s, ' +
  'ex wife, ex husband, ex girlfriend, my ex, my wife, my husband, union leader/s, journaliste/s, militant/s, opposant/s, avocat/s, mon ex'

const aroundTheClock =
  'around the clock, at all times, day and night, 24 7, every hour, jour et nuit, en permanence, à toute heure'

/** Says by itself that it is about one person. */
const hisLife =
  'where he lives, where she lives, where he sleeps, where she sleeps, where he goes, where she goes, ' +
  'where this person, where this man, where this woman, who he meets, who she meets, ' +
  'who this person meets, his every move, her every move, her home address, his home address, ' +
  'his whereabouts, her whereabouts, où il habite, où elle habite, où il dort, où elle dort, où il va, ' +
  'où elle va, qui il rencontre, qui elle rencontre, where the journalist, where this journalist, ' +
  'where the activist, where this activist, where the reporter, where that woman, where that man, ' +
  'this person s phone, this man s phone, this woman s phone'

/**
 * Following one person through movements, phone, home or company. Catches named and unnamed individuals,
 * journalists, activists, former partners. Lets pass: tracking things, cases and vital signs; rescue of the
 * missing; locating one's own units and vehicles.
 */
export const personTracking: SignalPatterns = {
  signal: 'person-tracking',
  patterns: [
    near(80, follow, oneIndividual, trail),
    near(48, follow, hisLife),
    near(60, follow, exposed, aroundTheClock),
    phrases(
      'pattern of life analysis on this, pattern of life analysis of this, pattern of life on this, ' +
        'pattern of life report on this, build a dossier on this person, build a dossier on this individual',
      'put a tail on, follow his every move, follow her every move, track his every move, track her every move',
      'suivre ses faits et gestes, suivre tous ses déplacements',
    ),
  ],
}
