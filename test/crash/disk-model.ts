/**
 * What a disk may hold after the power is cut: everything that was synced, and of the rest whatever it likes. A file's
 * bytes are safe after a sync of the file, its name after a sync of its directory; SQLite and this product rely on
 * no more than that.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** A change that the system was asked for, by paths relative to the directory; `''` is the directory itself. */
export type DiskEvent =
  | { readonly event: 'create' | 'mkdir' | 'remove' | 'sync'; readonly path: string }
  | { readonly event: 'rename'; readonly path: string; readonly to: string }
  | { readonly event: 'write'; readonly path: string; readonly bytes: Buffer; readonly at: number | 'end' }
  | { readonly event: 'truncate'; readonly path: string; readonly size: number }

type Write = (before: Buffer) => Buffer

interface File {
  synced: Buffer
  /** Since the last sync, in order. */
  pending: Write[]
}

type Node = File | 'directory'
type Names = Map<string, Node>

interface NameChange {
  readonly directories: readonly string[]
  apply(names: Names): void
}

/** Which of the changes that were not synced have reached the disk all the same. */
export type Kept = () => boolean

export class DiskModel {
  /** As every program sees it. */
  readonly #names: Names = new Map()
  readonly #synced: Names
  #pending: NameChange[] = []

  /** Everything under `directory` is on the disk. */
  constructor(directory: string) {
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      const node = entry.isDirectory() ? 'directory' : { synced: readFileSync(path), pending: [] }
      this.#names.set(relative(directory, path), node)
    }
    this.#synced = new Map(this.#names)
  }

  take(event: DiskEvent): void {
    const { path } = event
    switch (event.event) {
      case 'create':
        if (!this.#names.has(path)) this.#link(path, { synced: Buffer.alloc(0), pending: [] })
        return
      case 'mkdir':
        this.#link(path, 'directory')
        return
      case 'remove':
        this.#change([path], (names) => names.delete(path))
        return
      case 'rename': {
        const node = this.#names.get(path)
        if (!node) throw new Error(`\`${path}\` is renamed and was never made`)
        this.#change([path, event.to], (names) => {
          names.delete(path)
          names.set(event.to, node)
        })
        return
      }
      case 'truncate':
        this.#write(path, (before) => resized(before, event.size))
        return
      case 'write':
        this.#write(path, (before) => written(before, event.bytes, event.at))
        return
      case 'sync':
        this.#sync(path)
    }
  }

  /** The bytes that a program would read now. */
  read(path: string): Buffer | undefined {
    const file = this.#names.get(path)
    return file === undefined || file === 'directory' ? undefined : contentOf(file, () => true)
  }

  /** Writes what the disk holds after a power cut at this moment into an empty directory. */
  cut(to: string, kept: Kept): void {
    const names = new Map(this.#synced)
    for (const change of this.#pending) if (kept()) change.apply(names)
    const made = new Set([''])
    for (const [path, node] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      // A name in a directory that is gone is gone too; SQLite makes the memory that it shares anew.
      if (!made.has(parentOf(path)) || path.endsWith('-shm')) continue
      if (node === 'directory') {
        mkdirSync(join(to, path))
        made.add(path)
      } else {
        writeFileSync(join(to, path), contentOf(node, kept))
      }
    }
  }

  #link(path: string, node: Node): void {
    this.#change([path], (names) => names.set(path, node))
  }

  #change(paths: readonly string[], apply: (names: Names) => unknown): void {
    apply(this.#names)
    this.#pending.push({ directories: paths.map(parentOf), apply: (names) => void apply(names) })
  }

  #write(path: string, write: Write): void {
    const file = this.#names.get(path)
    if (file === undefined || file === 'directory')
      throw new Error(`\`${path}\` is written and was never made`)
    file.pending.push(write)
  }

  #sync(path: string): void {
    const node = path === '' ? 'directory' : this.#names.get(path)
    if (node === undefined) throw new Error(`\`${path}\` is synced and was never made`)
    if (node !== 'directory') {
      node.synced = contentOf(node, () => true)
      node.pending = []
      return
    }
    const inHere = (change: NameChange): boolean => change.directories.includes(path)
    for (const change of this.#pending.filter(inHere)) change.apply(this.#synced)
    this.#pending = this.#pending.filter((change) => !inHere(change))
  }
}

function contentOf({ synced, pending }: File, kept: Kept): Buffer {
  return pending.reduce((before, write) => (kept() ? write(before) : before), synced)
}

function parentOf(path: string): string {
  const parent = dirname(path)
  return parent === '.' ? '' : parent
}

function resized(before: Buffer, size: number): Buffer {
  const after = Buffer.alloc(size)
  before.copy(after)
  return after
}

function written(before: Buffer, bytes: Buffer, at: number | 'end'): Buffer {
  const from = at === 'end' ? before.length : at
  const after = resized(before, Math.max(before.length, from + bytes.length))
  bytes.copy(after, from)
  return after
}
