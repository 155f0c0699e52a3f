/** Whether 32 bytes are an Ed25519 public key under which a signature proves anything. */

/** Why they are not; `small-order`: anyone can sign for it. */
export type PublicKeyFault = 'length' | 'small-order' | 'not-a-point'

/**
 * Null for a key that may stand in an agreement or a file: the encoding of a point (RFC 8032 §5.1.3) that is not of
 * small order. Node takes any 32 bytes for a key, and only its signatures then fail, or pass for everyone.
 */
export function publicKeyFault(raw: Uint8Array | null): PublicKeyFault | null {
  if (raw?.length !== 32) return 'length'
  const masked = Buffer.from(raw)
  masked[31] = (masked[31] ?? 0) & 0x7f
  if (smallOrder.has(masked.toString('hex'))) return 'small-order'
  return isPoint(BigInt(`0x${masked.reverse().toString('hex')}`)) ? null : 'not-a-point'
}

/** Encodings of points of small order on Curve25519, the sign bit cleared: signatures under them prove nothing. */
const smallOrder = new Set([
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
])

const prime = 2n ** 255n - 19n
const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/** There is an x with x²·(d·y² + 1) = y² − 1, by Euler's criterion; x = 0 is of small order. */
function isPoint(y: bigint): boolean {
  if (y >= prime) return false
  const ySquared = (y * y) % prime
  // The denominator is never 0, and has the same square class as its inverse.
  const product = ((ySquared + prime - 1n) * (d * ySquared + 1n)) % prime
  return power(product, (prime - 1n) / 2n) === 1n
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let [square, rest] = [base, exponent]; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime
    square = (square * square) % prime
  }
  return result
}
