/** HMAC-SHA256 (RFC 2104) for keys of 32 bytes, by one-shot digests. */
import { hash } from 'node:crypto'

const blockBytes = 64
const keyBytes = 32

/**
 * The same bytes as `createHmac('sha256', key)`, a sixth of its cost: that makes a key object for every call, and a
 * record needs one call for each of its fields, each with a key of its own. Throws `RangeError` for another length.
 */
export function hmacSha256(key: Uint8Array, ...message: readonly Uint8Array[]): Buffer {
  if (key.length !== keyBytes) throw new RangeError(`a key has ${keyBytes} bytes here`)
  const inner = hash('sha256', Buffer.concat([padded(key, 0x36), ...message]), 'buffer')
  return hash('sha256', Buffer.concat([padded(key, 0x5c), inner]), 'buffer')
}

function padded(key: Uint8Array, pad: number): Buffer {
  const block = Buffer.alloc(blockBytes, pad)
  for (let i = 0; i < keyBytes; i++) block[i] = (key[i] ?? 0) ^ pad
  return block
}
