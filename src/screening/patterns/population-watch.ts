import { near, phrases } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'
import { build, everyone, population, watch } from './words.ts'

const massSurveillance =
  'mass surveillance, bulk surveillance, dragnet, dragnet surveillance, blanket surveillance, ' +
  'population surveillance, citizen surveillance, nationwide surveillance, citywide surveillance, ' +
  'city wide surveillance, population wide surveillance, population scale surveillance, ' +
  'surveillance of the population, surveillance of all, surveillance of every, surveillance of entire, ' +
  'bulk interception, population monitoring, citizen monitoring, ' +
  'surveillance de masse, surveillance généralisée, surveillance de la population, surveillance de tous'

const traces =
  'movement/s, whereabouts, location data, location history, locations, location pings, ' +
  'phone location/s, phone/s, mobile phones, cell phones, call records, phone records, phone metadata, ' +
  'call metadata, phone calls, text messages, private messages, communications, conversations, emails, ' +
  'browsing, browsing history, web history, social media, posts, faces, daily lives, daily life, ' +
  'daily routine/s, behaviour, behavior, activities, activity, purchases, travel, comings and goings, ' +
  'where they go, who they meet, associations, déplacements, localisation/s, géolocalisation, ' +
  'téléphone/s, communications, conversations, messages privés, réseaux sociaux, visages, ' +
  'vie quotidienne, habitudes, what they do, what he does, doing online, online activity, ' +
  'online activities, where they are, attend/s/ed, attending, call logs, phone call, habits, ' +
  'is doing online, calls and texts, private chats, chats, texts, who they call, doorbell cameras'

const gather =
  'collect/s/ed/ing, harvest/s/ed/ing, scrape/s/d, scraping, store/s/d, archive/s/d, log/s/ged/ging, ' +
  'record/s/ed/ing, ingest/s/ed/ing, map/s/ped/ping, hoover up, vacuum up, tap/s/ped/ping, fuse/s/d, ' +
  'aggregate/s/d, collecter, collecte/z, enregistrer, enregistre/z, aspirer, cartographier, croiser, ' +
  'build a record of, database of, scan/s/ning'

/** Places that stand for the people in them when traces of people are spoken of. */
const places =
  'city, town, province, region, capital, country, district/s, village/s, mosque/s, church/es, synagogue/s, temple/s, ' +
  'campus, ville, région, province, pays, capitale, quartier/s, mosquée/s, églises'

const sensors =
  'facial recognition, face recognition, face matching, gait recognition, cctv, street cameras, ' +
  'traffic cameras, public cameras, camera network/s, cameras, licence plate readers, license plate readers, ' +
  'number plate readers, cell site simulator/s, imsi catcher/s, drone footage, ' +
  'reconnaissance faciale, caméras, vidéosurveillance'

const publicPlaces =
  'passers by, passer by, pedestrian/s, protester/s, demonstrator/s, crowd/s, everyone on the street, ' +
  'everyone in the street, on the streets, public squares, public square, in the city, in this city, ' +
  'across the city, downtown, worshippers, commuters, citizens, residents, inhabitants, ' +
  'passants, manifestants, dans la rue, places publiques, dans la ville, citoyens, habitants'

const recognise =
  'identify/ing, identifies, recognise/s, recognize/s, name, track/s/ing, follow/s/ing, match/es/ing, ' +
  'log/s, identifier, identifie/z, reconnaître, suivre, identified, recognised, recognized'

const pictureOfLife =
  'situational awareness, persistent awareness, persistent observation, persistent coverage, ' +
  'continuous observation, continuous coverage, continuous visibility, comprehensive visibility, ' +
  'full visibility, total visibility, pattern of life, patterns of life, behavioural baseline, ' +
  'behavioral baseline, behavioural baselines, behavioral baselines, holistic picture, living map, ' +
  'observation continue, observation permanente, visibilité complète, schémas de vie, continuous view, ' +
  'constant view, permanent view, view of the daily life, view of daily life'

const wholePopulation =
  'civilian population, general population, domestic population, entire population, whole population, ' +
  'local population, urban population, all residents, every resident, all citizens, every citizen, ' +
  'all inhabitants, every inhabitant, every household, all households, the citizenry, the populace, ' +
  'population civile, population locale, toute la population, tous les habitants, tous les citoyens, ' +
  'local populace, the locals, of the population, the townspeople, the inhabitants'

/**
 * Watching a population: many people who are not suspected of anything, by their movements, phones, words or
 * faces. Catches the wish to build or run it, plain ("track every citizen"), by its traces, by sensors in public
 * places, and in the words of offices ("persistent coverage of the civilian population").
 * Lets pass: counting (health statistics, censuses), watching things (shipments, servers, air), and talk about
 * the law on mass surveillance.
 */
export const populationWatch: SignalPatterns = {
  signal: 'population-watch',
  patterns: [
    near(36, watch, everyone, population),
    near(110, watch, everyone, population, traces),
    near(110, gather, everyone, population, traces),
    near(80, watch, everyone, places, traces),
    near(44, build, massSurveillance),
    near(110, sensors, recognise, everyone, publicPlaces),
    near(90, pictureOfLife, wholePopulation),
    phrases(
      'spy on citizens, spy on our citizens, spy on the population, spy on its citizens, spy on the people',
      'espionner la population, espionner les citoyens, surveiller toute la population, surveiller la population',
    ),
  ],
}
