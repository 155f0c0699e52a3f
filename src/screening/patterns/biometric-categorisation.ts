import { near } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'

const infer =
  'infer/s/ring, categorise/s, categorize/s, categorising, categorizing, classify, classifies, ' +
  'classifying, sort/s/ing, deduce/s, deducing, predict/s/ing, guess/es/ing, determine/s, determining, ' +
  'estimate/s, estimating, derive/s, label/s, labelling, labeling, tell, detect/s, identify, work out, ' +
  'group/s, separate, recognise, recognize, tag, déduire, déduis, déduisez, classer, classe/z, ' +
  'catégoriser, catégorise/z, prédire, prédis, deviner, devine/z, déterminer, détermine/z, estimer, ' +
  'estime/z, trier, trie/z, reconnaître, is the man, is the woman, is this man, is this woman, is he, ' +
  'is she, is this person, which of these, split'

const body =
  'face/s, facial image/s, facial features, facial photo/s, facial geometry, portrait/s, id photo/s, ' +
  'passport photo/s, profile photo/s, photo, photos, photograph/s, selfie/s, voice/s, voice sample/s, ' +
  'voice recordings, gait, fingerprint/s, iris, iris scans, biometric/s, biometric data, ' +
  'biometric template/s, walking style, skull shape, palm prints, visage/s, photo/s d identité, ' +
  'photos, voix, démarche, empreintes, empreintes digitales, biométrique/s, données biométriques, ' +
  'picture, pictures, accent of'

const trait =
  'racial origin, ethnicity, ethnicities, ethnic origin, ethnic group/s, ethnic background, religion, ' +
  'religious belief/s, religious affiliation, political opinion/s, political views, ' +
  'political leaning/s, political orientation, sexual orientation, sexuality, sex life, gay, ' +
  'homosexual, trade union, union membership, muslim, jewish, criminality, origine ethnique, ' +
  'origines ethniques, ethnie, religion, convictions, opinions politiques, orientation sexuelle, ' +
  'appartenance syndicale, homosexuel/s, nationalité, by race, their race, the race of, s race, ' +
  'race and ethnicity, race or ethnicity, race from, racial group/s, racial category, their faith, ' +
  'selon la race, par race'

/**
 * Deducing race, religion, politics, union or sexuality from the body, in the sense of Article 5(1)(g) of
 * Regulation (EU) 2024/1689. Lets pass: unlocking a door with one's face, diagnosing from images, and sorting
 * photos by place or date.
 */
export const biometricCategorisation: SignalPatterns = {
  signal: 'biometric-categorisation',
  patterns: [near(90, infer, body, trait)],
}
