/** Implementations of the contracts that other rooms own. */
export { lockDirectory } from './directory-lock.ts'
export { openSqliteRecorderStore } from './sqlite-recorder-store.ts'
