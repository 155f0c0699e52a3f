/** The door to who calls: the callers file, API keys, and authentication. */
export { hashApiKey, newApiKey } from './api-key.ts'
export { authenticator } from './authenticate.ts'
export type { Authenticate } from './authenticate.ts'
export { CallersFileError } from './caller.ts'
export type {
  Authentication,
  CallerIdentity,
  CallersFileErrorCode,
  IdentityErrorCode,
  RegisteredCaller,
  Selection,
} from './caller.ts'
export { issueKeys, parseCallers } from './callers-file.ts'
export type { IssuedKeys } from './callers-file.ts'
