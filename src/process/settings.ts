/** Settings from the environment or one file, checked whole before anything starts. */
import { lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ServandaError, isErrorCode, messageOf, parseJson } from '../base/index.ts'
import type { Json } from '../base/index.ts'

export type SettingsErrorCode = 'SETTINGS_INVALID'

export class SettingsError extends ServandaError<SettingsErrorCode> {
  override readonly name = 'SettingsError'
}

/** `agency`: the agency's gate, which knows callers and judges. `gate`: a provider's, which stands at the model. */
export type Role = 'agency' | 'gate'

/** Base URLs of providers' gates: one for all providers, or one for each that has one. */
export type Gates = string | Readonly<Record<string, string>>

export interface Settings {
  /** Given by the command, never by a setting. */
  readonly role: Role
  readonly port: number
  /** The interface to listen on: this machine only, unless told otherwise. */
  readonly host: string
  /** The database, the callers and the evidence. */
  readonly data: string
  /** Private keys: never inside `data`, so that no copy of the evidence carries them. */
  readonly keys: string
  /** The last signed checkpoint: outside every backup. */
  readonly guard: string
  readonly workers: number
  /** The name of the log; by default it is made from the log's key. */
  readonly origin: string | null
  /** For the agency's gate: null where calls go to the routes' upstreams themselves. */
  readonly gates: Gates | null
  /** For a provider's gate: file with the verifier key of the agency's log; null for the one kept in `data`. */
  readonly agencyVkey: string | null
}

const names = {
  SERVANDA_PORT: 'port',
  SERVANDA_HOST: 'host',
  SERVANDA_DATA: 'data',
  SERVANDA_KEYS: 'keys',
  SERVANDA_GUARD: 'guard',
  SERVANDA_WORKERS: 'workers',
  SERVANDA_ORIGIN: 'origin',
  SERVANDA_GATES: 'gates',
  SERVANDA_AGENCY_VKEY: 'agencyVkey',
} as const satisfies Record<string, keyof Settings>

const settingsFile = 'SERVANDA_SETTINGS'
const common = { host: '127.0.0.1', workers: 1, origin: null, gates: null, agencyVkey: null }
const defaults: Readonly<Record<Role, Readonly<Record<string, Json>>>> = {
  agency: {
    ...common,
    port: 8420,
    data: '.servanda/data',
    keys: '.servanda/keys',
    guard: '.servanda/guard',
  },
  gate: {
    ...common,
    port: 8421,
    data: '.servanda/gate/data',
    keys: '.servanda/gate/keys',
    guard: '.servanda/gate/guard',
  },
}

/**
 * Reads `SERVANDA_*`, over the file that `SERVANDA_SETTINGS` names, over the defaults. Throws `SETTINGS_INVALID`
 * naming every setting that is unknown or wrong: a misspelt one must not be a silent default.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  role: Role = 'agency',
): Settings {
  const wrong: string[] = []
  const given: Record<string, Json> = { ...defaults[role], ...fromFile(environment[settingsFile], wrong) }
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('SERVANDA_') || name === settingsFile || value === undefined) continue
    if (isName(name)) given[names[name]] = value
    else wrong.push(`${name} is not a setting; there are ${[...Object.keys(names), settingsFile].join(', ')}`)
  }
  const settings: Settings = {
    role,
    port: wholeNumber(given, 'port', [0, 65_535], wrong),
    host: text(given, 'host', wrong),
    data: resolve(text(given, 'data', wrong)),
    keys: resolve(text(given, 'keys', wrong)),
    guard: resolve(text(given, 'guard', wrong)),
    workers: wholeNumber(given, 'workers', [1, 64], wrong),
    origin: given['origin'] === null ? null : text(given, 'origin', wrong),
    gates: given['gates'] === null ? null : parseGates(text(given, 'gates', wrong), wrong),
    agencyVkey: given['agencyVkey'] === null ? null : resolve(text(given, 'agencyVkey', wrong)),
  }
  wrong.push(...placesThatMeet(settings))
  if (wrong.length > 0) throw new SettingsError('SETTINGS_INVALID', wrong.join('\n'))
  return settings
}

/** The gate that stands before the models of a provider, or null where none does. */
export function gateOf(gates: Gates | null, provider: string): string | null {
  if (gates === null || typeof gates === 'string') return gates
  return Object.hasOwn(gates, provider) ? (gates[provider] ?? null) : null
}

/** `URL`, or `provider=URL,provider=URL`. */
function parseGates(given: string, wrong: string[]): Gates {
  if (isGateUrl(given)) return given
  const entries = given.split(',').map((part) => {
    const [provider = '', ...url] = part.split('=')
    return [provider.trim(), url.join('=').trim()] as const
  })
  const isGood = entries.every(([provider, url]) => provider !== '' && isGateUrl(url))
  if (!isGood || new Set(entries.map(([provider]) => provider)).size < entries.length) {
    wrong.push('gates must be one URL, or `provider=URL` joined by commas, each provider once')
  }
  return Object.fromEntries(entries)
}

function isGateUrl(text: string): boolean {
  // A comma separates gates.
  const url = text.includes(',') ? null : URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash
}

function isName(name: string): name is keyof typeof names {
  return Object.hasOwn(names, name)
}

function fromFile(path: string | undefined, wrong: string[]): Record<string, Json> {
  if (path === undefined) return {}
  try {
    const value = parseJson(readFileSync(path))
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new TypeError('it is no object')
    const known: readonly string[] = Object.values(names)
    for (const name of Object.keys(value)) {
      if (!known.includes(name))
        wrong.push(`${path}: \`${name}\` is not a setting; there are ${known.join(', ')}`)
    }
    return value as Record<string, Json>
  } catch (error) {
    wrong.push(`${settingsFile}: ${path} cannot be read: ${messageOf(error)}`)
    return {}
  }
}

function wholeNumber(
  given: Record<string, Json>,
  name: string,
  [least, most]: readonly [number, number],
  wrong: string[],
): number {
  const value = given[name]
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most)
    return number
  wrong.push(`${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`)
  return least
}

function text(given: Record<string, Json>, name: string, wrong: string[]): string {
  const value = given[name]
  if (typeof value === 'string' && value.trim() !== '') return value
  wrong.push(`${name} must be a text that is not empty`)
  return '.'
}

/** Keys and guard lie outside the data, or a copy of the data would carry them along. */
function placesThatMeet({ data, keys, guard }: Settings): string[] {
  const inside = (inner: string, outer: string): boolean =>
    inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`)
  const realData = realPath(data)
  return Object.entries({ keys, guard }).flatMap(([name, path]) => {
    const real = realPath(path)
    const meet = inside(real, realData) || inside(realData, real)
    return meet ? [`${name} (${shown(path, real)}) and data (${shown(data, realData)}) must lie apart`] : []
  })
}

/** Where a path leads once links are followed, as far as it exists: a link is not apart from its target. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    const parent = dirname(path)
    // What cannot be followed for another reason, such as a forbidden folder, fails where it is opened.
    if (parent === path || !isErrorCode(error, 'ENOENT')) return path
    const here = join(realPath(parent), basename(path))
    // A link to what is still to be made leads there as soon as it is.
    const isLink = lstatSync(here, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
    return isLink ? realPath(resolve(dirname(here), readlinkSync(here))) : here
  }
}

function shown(path: string, real: string): string {
  return path === real ? path : `${path}, which is ${real}`
}
