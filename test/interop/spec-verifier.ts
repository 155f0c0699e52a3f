/**
 * A verifier written from the specifications alone (C2SP tlog-tiles, tlog-checkpoint, signed-note; RFC 6962). It
 * imports nothing of the product, so that a mistake shared by writer and auditor shows. Clear, not fast.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

function sha256(...parts: (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** MTH of RFC 6962 §2.1. */
export function treeHash(entries: readonly Uint8Array[]): Buffer {
  const leaves = entries.map((entry) => sha256(Uint8Array.of(0), entry))
  return leaves.length === 0 ? sha256('') : combine(leaves)
}

function combine(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 1) return hashes[0]!
  let k = 1
  while (k * 2 < hashes.length) k *= 2
  return sha256(Uint8Array.of(1), combine(hashes.slice(0, k)), combine(hashes.slice(k)))
}

interface Head {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
}

/** Opens a checkpoint by one Ed25519 vkey. */
export function openNote(note: string, vkey: string): Head {
  const [, name, id, key] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey.trim())!
  const typed = Buffer.from(key!, 'base64')
  if (typed[0] !== 1 || sha256(`${name}\n`, typed).toString('hex').slice(0, 8) !== id)
    throw new Error('bad vkey')
  const split = note.lastIndexOf('\n\n') + 1
  const text = note.slice(0, split)
  const tail = note.slice(split + 1)
  if (!/^(— \S+ [A-Za-z0-9+/]+={0,2}\n)+$/.test(tail)) throw new Error('bad signature lines')
  const mine = tail.split('\n').find((line) => line.startsWith(`— ${name} `))
  const signature = Buffer.from(mine?.split(' ')[2] ?? '', 'base64')
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), typed.subarray(1)])
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  if (
    signature.toString('hex', 0, 4) !== id ||
    !verify(null, Buffer.from(text), publicKey, signature.subarray(4))
  ) {
    throw new Error('bad signature')
  }
  const [origin, size, root] = text.split('\n')
  if (origin !== name) throw new Error('the key is not that of the origin')
  return { origin: origin!, size: Number(size), root: Buffer.from(root!, 'base64') }
}

function pathOf(level: string, n: number, width: number): string {
  const digits = String(n).padStart(Math.ceil(String(n).length / 3) * 3, '0')
  const groups = digits.match(/.{3}/g)!
  const encoded = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${encoded}${width < 256 ? `.p/${width}` : ''}`
}

function readResource(directory: string, level: string, n: number, width: number): Buffer {
  const path = join(directory, pathOf(level, n, width))
  return existsSync(path) ? readFileSync(path) : readFileSync(join(directory, pathOf(level, n, 256)))
}

function readEntries(directory: string, size: number): Buffer[] {
  const entries: Buffer[] = []
  for (let n = 0; n * 256 < size; n++) {
    const bundle = readResource(directory, 'entries', n, Math.min(256, size - n * 256))
    for (let at = 0; at < bundle.length && entries.length < size;) {
      const end = at + 2 + bundle.readUInt16BE(at)
      if (end > bundle.length) throw new Error('truncated bundle')
      entries.push(bundle.subarray(at + 2, end))
      at = end
    }
  }
  if (entries.length !== size) throw new Error('missing entries')
  return entries
}

/** Item i of level L: MTH(D[i·256^L : (i+1)·256^L]), each tile's items in order. */
function checkTiles(directory: string, entries: readonly Uint8Array[]): void {
  let items = entries.map((entry) => sha256(Uint8Array.of(0), entry))
  for (let level = 0; items.length > 0; level++) {
    const above: Buffer[] = []
    for (let n = 0; n * 256 < items.length; n++) {
      const tile = items.slice(n * 256, (n + 1) * 256)
      const stored = readResource(directory, String(level), n, tile.length).subarray(0, tile.length * 32)
      if (!stored.equals(Buffer.concat(tile))) throw new Error(`tile ${level}/${n} differs`)
      if (tile.length === 256) above.push(combine(tile))
    }
    items = above
  }
}

/** Throws unless checkpoint, bundles and tiles agree; returns the entries. */
export function verifyBySpec(
  directory: string,
  vkey: string,
): { readonly head: Head; readonly entries: Buffer[] } {
  const head = openNote(readFileSync(join(directory, 'checkpoint'), 'utf8'), vkey)
  const entries = readEntries(directory, head.size)
  if (!treeHash(entries).equals(head.root)) throw new Error('the root differs')
  checkTiles(directory, entries)
  return { head, entries }
}
