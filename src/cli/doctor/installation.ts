/** What stands on this machine, read once: so all checks speak of the same moment, and none of them opens a file. */
import { accessSync, constants, existsSync, readFileSync, readdirSync, statSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isErrorCode, messageOf } from '../../base/index.ts'
import { formatVkey } from '../../ledger/index.ts'
import { parseReviewers } from '../../oversight/index.ts'
import type { RegisteredReviewer } from '../../oversight/index.ts'
import {
  gateBeside,
  isInitialised,
  originOf,
  placesOf,
  readLogSigner,
  readSettings,
  readUpstreamCredentials,
} from '../../process/index.ts'
import type { Places, Role, Settings } from '../../process/index.ts'
import type { RecorderState } from '../../recorder/index.ts'
import { buildStanding } from '../../standing/index.ts'
import type { Standing } from '../../standing/index.ts'
import { openSqliteRecorderStore } from '../../store/index.ts'
import { activatedTexts, readNoted } from './noted.ts'

/** A file or directory that is there. */
export interface Owned {
  readonly path: string
  readonly mode: number
  readonly isDirectory: boolean
}

/** Something that was read, or why it could not be. */
export type Read<T> = { readonly value: T } | { readonly failure: string }

/** What of the gate of the other role stands within reach of this user. */
export interface OtherGate {
  readonly data: readonly string[]
  /** Directories of keys that can be opened from here. */
  readonly keys: readonly string[]
}

export interface Installation {
  /** By the log's first entry; what the settings say it should be is `settings.role`. */
  readonly role: Role
  readonly settings: Settings
  readonly places: Places
  /** What an initialisation writes last is there. */
  readonly isComplete: boolean
  /** By the clock of this machine, in milliseconds since the epoch. */
  readonly now: number
  readonly standing: Standing
  readonly state: Pick<RecorderState, 'lastTime' | 'spent' | 'intents' | 'holds'>
  readonly registered: readonly RegisteredReviewer[]
  /** Directories of the settings, what lies in those of keys and guard, and the control socket. */
  readonly owned: readonly Owned[]
  readonly hasDemoCallerKeys: boolean
  readonly otherGate: OtherGate
  /** The verifier key that the private key of the log gives. */
  readonly logVkey: Read<string>
  /** `log.vkey` beside the evidence, without its line end; null where there is none. */
  readonly publishedVkey: string | null
  /** The verifier key of the agency's log, as a provider's gate keeps it; null where there is none. */
  readonly agencyVkey: string | null
  /** Routes for which a credential is at hand. */
  readonly credentials: Read<ReadonlySet<string>>
  readonly freeBytes: number
  /** Upstreams that took a connection from here; null where nobody tried. */
  readonly reachable: readonly string[] | null
}

export interface ReadOptions {
  readonly now: number
  /** Answers which of these URLs take a connection; null to try none. */
  readonly probe: ((urls: readonly string[]) => Promise<readonly string[]>) | null
}

/**
 * Reads; the gate may run meanwhile. Rejects with what the store, the standing and the reviewers file reject with:
 * what cannot be read is not judged.
 */
export async function readInstallation(
  settings: Settings,
  { now, probe }: ReadOptions,
): Promise<Installation> {
  const places = placesOf(settings)
  await using store = await openSqliteRecorderStore(places.database, { readOnly: true })
  const state = await store.load()
  const noted = await readNoted(store, state.size)
  const standing = buildStanding(
    { version: 0, ...noted, activations: activatedTexts(state.activations, noted) },
    // A clock that is behind is a finding of its own, and nothing else shall fail by it.
    Math.max(now, state.lastTime),
  )
  return {
    role: noted.role,
    settings,
    places,
    isComplete: isInitialised(settings),
    now,
    standing,
    state,
    registered: existsSync(places.reviewers)
      ? parseReviewers(readFileSync(places.reviewers), places.reviewers)
      : [],
    owned: ownedOf(settings, places),
    hasDemoCallerKeys: existsSync(places.demoCallerKeys),
    otherGate: otherGateOf(settings),
    logVkey: reading(() => {
      const signer = readLogSigner(places)
      return formatVkey(originOf(settings, signer), signer.publicKey)
    }),
    publishedVkey: readText(places.logVkey),
    agencyVkey: readText(settings.agencyVkey ?? places.agencyVkey),
    credentials: reading(() => new Set(readUpstreamCredentials(places).keys())),
    freeBytes: freeBytesOf(settings.data),
    reachable: probe ? await probe(liveUpstreams(standing)) : null,
  }
}

/** Base URLs of the models, each once. */
function liveUpstreams({ routes }: Standing): readonly string[] {
  const urls = [...routes.values()].map(({ route }) => route.upstream)
  return [...new Set(urls.filter((url) => url !== 'rehearsal'))]
}

function ownedOf({ data, keys, guard }: Settings, { control }: Places): Owned[] {
  const within = [keys, guard].flatMap((directory) =>
    existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [],
  )
  return [data, keys, guard, ...within, control].flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found ? [{ path, mode: found.mode & 0o777, isDirectory: found.isDirectory() }] : []
  })
}

/** Where `servanda serve --demo` and the defaults put the gate of the other role. */
function otherGateOf(settings: Settings): OtherGate {
  const { role, data, keys } = settings
  const above = (path: string, name: string): string => join(dirname(dirname(path)), name)
  const candidates =
    role === 'agency'
      ? [gateBeside(settings), readSettings({}, 'gate')]
      : [{ data: above(data, 'data'), keys: above(keys, 'keys') }, readSettings({}, 'agency')]
  const others = candidates.filter(
    (other) => other.data !== data && existsSync(placesOf({ ...settings, ...other }).database),
  )
  return {
    data: [...new Set(others.map((other) => other.data))],
    keys: [...new Set(others.map((other) => other.keys))].filter(isReadable),
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.X_OK)
    return true
  } catch {
    // Whatever the reason, this user does not get at it.
    return false
  }
}

function reading<T>(read: () => T): Read<T> {
  try {
    return { value: read() }
  } catch (error) {
    return { failure: messageOf(error) }
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return null
    throw error
  }
}

function freeBytesOf(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}
