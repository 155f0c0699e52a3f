import { near } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'

const bought =
  'buy/s/ing, bought, purchase/s/d, purchasing, acquire/s/d, acquiring, procure/s/d, procuring, ' +
  'subscribe to, subscription to, paid for, vendor supplied, commercially available, ' +
  'commercially acquired, off the shelf, brokered, resold, from a broker, from brokers, broker/s, ' +
  'acheter, achète/z, achetée/s, acheté/s, acquérir, acquise/s, acquis, courtier/s, du commerce, ' +
  'vendor/s, sells, sold, commercial, we paid, get us a subscription, marketplace'

const dataOnPeople =
  'location data, location records, location history, location pings, location feed/s, mobility data, ' +
  'geolocation data, geolocation records, phone data, smartphone data, cell phone data, app data, ' +
  'ad tech data, adtech data, advertising data, advertising id/s, advertising identifier/s, ' +
  'advertising records, bidstream data, bidstream, device identifier/s, device id/s, device data, ' +
  'browsing data, browsing history, browsing records, web history, consumer data, consumer records, ' +
  'consumer profile/s, marketing data, marketing profile/s, personal data, personal records, ' +
  'credit header data, utility records, données de localisation, données de géolocalisation, ' +
  'données mobiles, données publicitaires, identifiants publicitaires, historique de navigation, ' +
  'historiques de navigation, données de navigation, données personnelles, données de consommation, ' +
  'mobile location feed/s, mobile location/s, smartphone location/s, geolocation of smartphones, ' +
  'geolocation of phones, ad exchange data, browsing habits, movement data, footfall data, ' +
  'habitudes de navigation'

const people =
  'citizen/s, resident/s, people, person/s, individual/s, americans, civilian/s, household/s, ' +
  'subscriber/s, attendee/s, worshipper/s, protester/s, migrant/s, immigrant/s, phone owners, ' +
  'device owners, users, inhabitants, population, who attended, who visited, everyone, anyone, ' +
  'journalist/s, neighbourhood/s, neighborhood/s, identities, lives, citoyens, habitants, personnes, ' +
  'individus, manifestants, journalistes, fidèles, migrants, population, passers by, population of, ' +
  'smartphones of, owners of'

const use =
  'track/s/ing, identify/ing, identifies, infer/s/ring, map/s/ping, profile/s, profiling, analyse/s, ' +
  'analyze/s, query/ing, search/es/ing, link/s/ing, fuse/s, fusing, combine/s, correlate/s, ' +
  'cross reference, match/es/ing, mine/s, mining, sift, find, pinpoint, de anonymise, deanonymise, ' +
  'de anonymize, deanonymize, re identify, identifier, analyser, analyse/z, croiser, croise/z, ' +
  'recouper, exploiter, exploite/z, cartographier, suivre, locate/s, show which, show who, reveal/s'

const brokered =
  'data broker/s, data brokers, commercially available information, commercially acquired information, ' +
  'commercially available location data, commercial location data, commercial telemetry data, ' +
  'purchased data, purchased location data, bought location data, brokered data, ad tech data, ' +
  'adtech data, bidstream data, courtier en données, courtiers en données, courtiers de données, ' +
  'données achetées, broker data, brokers data'

/**
 * Bought data about people, put to use on them: what would need a warrant if it were collected. Catches the
 * purchase itself and the analysis of what was bought. Lets pass: purchase orders, maps and imagery, fleet
 * positions, and talk about what data brokers are and what the law says of them.
 */
export const purchasedData: SignalPatterns = {
  signal: 'purchased-data',
  patterns: [near(110, bought, dataOnPeople, people), near(100, brokered, use, people)],
}
