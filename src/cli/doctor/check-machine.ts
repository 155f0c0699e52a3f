/** The machine: who can listen in, read the keys or set the log back, and whether there is time and room. */
import { dirname } from 'node:path'
import { note, notReady, warning } from './finding.ts'
import type { Check } from './finding.ts'
import { isLoopbackHost } from './hosts.ts'

const mebibyte = 1024 * 1024
const freeLeast = 256 * mebibyte
const freeWanted = 2048 * mebibyte

export const listening: Check = {
  id: 'listening',
  find({ settings: { host, port } }) {
    if (isLoopbackHost(host)) return []
    return [
      notReady(
        `it listens on ${host}:${port} without TLS: keys of callers and content travel in the clear`,
        'listen on 127.0.0.1, and put a TLS proxy in front',
      ),
    ]
  },
}

export const keyModes: Check = {
  id: 'key-modes',
  find({ owned, settings: { data, keys, guard }, places }) {
    // Windows has no such modes; its files are as closed as their folder.
    if (process.platform === 'win32') return []
    const closed = (path: string): boolean =>
      path === keys || dirname(path) === keys || path === places.control
    const readable = owned.filter(({ path, mode }) => closed(path) && (mode & 0o077) !== 0)
    const writable = owned.filter(({ path, mode }) => [data, guard].includes(path) && (mode & 0o022) !== 0)
    return [
      ...readable.map(({ path, isDirectory }) =>
        notReady(
          `${path} is open to others`,
          `run \`chmod ${isDirectory ? '700' : '600'} '${path}'\`, and replace what someone may have read`,
        ),
      ),
      ...writable.map(({ path }) => notReady(`others may write in ${path}`, `run \`chmod 700 '${path}'\``)),
    ]
  },
}

export const keyPlaces: Check = {
  id: 'key-places',
  find({ settings: { data, keys, guard } }) {
    if (keys === guard || isInside(keys, guard) || isInside(guard, keys)) {
      return [
        notReady(
          `keys (${keys}) and guard (${guard}) share a directory: keys are backed up, the guard must never be`,
          'give each a directory of its own',
        ),
      ]
    }
    const parent = dirname(data)
    const beside = Object.entries({ keys, guard }).filter(([, path]) => dirname(path) === parent)
    if (beside.length === 0) return []
    return [
      warning(
        `${beside.map(([name]) => name).join(' and ')} and data lie side by side in ${parent}: one copy takes them all`,
        'keep keys on a volume of their own, and the guard where no backup and no restore reaches it',
      ),
    ]
  },
}

function isInside(inner: string, outer: string): boolean {
  return inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`)
}

export const clock: Check = {
  id: 'clock',
  find({ state, now }) {
    const aheadMs = state.lastTime - now
    if (aheadMs <= 0) return []
    return [
      notReady(
        `the log is ${Math.ceil(aheadMs / 1000)} s ahead of the clock: beyond a minute every call is refused`,
        'set the clock by a source that you trust',
      ),
    ]
  },
}

export const disk: Check = {
  id: 'disk',
  find({ freeBytes, settings: { data } }) {
    if (freeBytes >= freeWanted) return []
    const message = `${Math.floor(freeBytes / mebibyte)} MiB are free for ${data}: when nothing can be written nothing passes`
    return [
      (freeBytes < freeLeast ? notReady : warning)(message, 'make room, or move the data to a larger volume'),
    ]
  },
}

export const logKey: Check = {
  id: 'log-key',
  find({ logVkey, publishedVkey, places }) {
    if ('failure' in logVkey)
      return [notReady(logVkey.failure, 'correct it: without its key the log cannot go on')]
    if (publishedVkey === logVkey.value) return []
    return [
      notReady(
        `${places.logVkey} is not the key that signs: whoever verifies by it refuses everything`,
        'compare both with the key that was handed out, and find out who changed which',
      ),
    ]
  },
}

/** There is no setting for it, on purpose: what the operator keeps is no witness against the operator. */
export const outside: Check = {
  id: 'outside',
  find({ places, role }) {
    return [
      note(
        'no checkpoint from outside and no witness is known to this machine: alone, the log proves nothing against its operator',
        `let ${role === 'gate' ? 'the agency' : 'the provider'} or an overseer keep ${places.evidence}/checkpoint from time to time, and give it to \`servanda verify --outside\``,
      ),
    ]
  },
}
