/** What every room stands on: errors, time, bytes, canonical forms, ids, signing. Imports nothing of ours. */
export { digestOf, equalBytes, parseBase64, sha256, utf8 } from './bytes.ts'
export { canonicalJson } from './canonical-json.ts'
export type { Json } from './canonical-json.ts'
export { systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export { EnvelopeError, goodSignatures, keyIdOf, parseEnvelope, signEnvelope, signingKeys } from './dsse.ts'
export type { Envelope, EnvelopeSignature, ParsedEnvelope } from './dsse.ts'
export { InvariantError, ServandaError, invariant, isErrorCode, messageOf } from './errors.ts'
export { newId } from './ids.ts'
export { JsonError, isObject, parseJson } from './json.ts'
export type { JsonErrorCode, JsonObject } from './json.ts'
export {
  mistakeAt,
  parsePlace,
  requireItems,
  requireMembers,
  requireTitle,
  requireWord,
  requireWords,
} from './json-place.ts'
export type { JsonPlace } from './json-place.ts'
export { publicKeyFault } from './public-key.ts'
export {
  demoKey,
  keyFromSeed,
  newPrivateKey,
  publicKeyFromRaw,
  rawPublicKey,
  signerFromKey,
  verifyEd25519,
} from './signer.ts'
export type { Signer } from './signer.ts'
