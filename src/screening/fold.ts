/**
 * What one code point is read as. The fold of a text is the fold of its code points in order, and of nothing
 * else: so it is the same however the text is cut.
 */
import { lookAlikes } from './look-alikes.ts'

/** Changes with the rules below or the look-alikes; the tables of Unicode have a version of their own. */
export const foldVersion = '2'

export const blank = 0x20

/** A fold is a code point, or one of these kinds with a payload in its low bits. */
export const dropped = 1 << 25
/** Hidden ASCII: a tag character or a variation selector that carries the byte in the low bits. */
export const hidden = 1 << 26
/** A letter of a script written without blanks: a word of its own. */
export const ideograph = 1 << 27
/** Several characters: the low bits index `sequenceOf`. */
export const sequence = 1 << 28
export const payloadMask = (1 << 21) - 1

const ignorable = /^[\p{Mn}\p{Me}\p{Cf}\p{Default_Ignorable_Code_Point}\u0640]$/u
const control = /^\p{Cc}$/u
const wordLike = /^[\p{L}\p{N}\p{Mc}]$/u
const writtenWithoutBlanks =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]$/u

/** Folds found so far, in pages of 256 that come to be when needed: 4.4 MB if all of Unicode is seen. */
const pages = new Array<Int32Array | undefined>(0x1100)
const sequences: (readonly number[])[] = []

/** The fold of a code point; of a lone surrogate, a blank. */
export function foldOf(codePoint: number): number {
  const index = codePoint >>> 8
  const page = (pages[index] ??= new Int32Array(256))
  const known = page[codePoint & 0xff] ?? 0
  if (known !== 0) return known
  const fold = computeFold(codePoint)
  page[codePoint & 0xff] = fold
  return fold
}

export function sequenceOf(fold: number): readonly number[] {
  return sequences[fold & payloadMask] ?? []
}

function computeFold(codePoint: number): number {
  const byte = hiddenByte(codePoint)
  if (byte >= 0) return hidden | foldHiddenByte(byte)
  const chars = readCodePoint(codePoint)
  const [only] = chars
  if (only === undefined) return dropped
  if (chars.length === 1) return only
  sequences.push(chars)
  return sequence | (sequences.length - 1)
}

/** The byte that an invisible character can carry past a reader's eye, or -1. */
function hiddenByte(codePoint: number): number {
  if (codePoint >= 0xe0020 && codePoint <= 0xe007e) return codePoint - 0xe0000
  if (codePoint >= 0xfe00 && codePoint <= 0xfe0f) return codePoint - 0xfe00
  if (codePoint >= 0xe0100 && codePoint <= 0xe01ef) return codePoint - 0xe0100 + 16
  return -1
}

function foldHiddenByte(byte: number): number {
  const fold = byte < 0x80 ? computeFold(byte) : blank
  return fold === dropped ? blank : fold
}

function readCodePoint(codePoint: number): readonly number[] {
  const char = String.fromCodePoint(codePoint)
  const known = lookAlikes.get(codePoint)
  if (known !== undefined) return Array.from(known, codeOf)
  if (control.test(char)) return isBlankControl(codePoint) ? [blank] : []
  const read: number[] = []
  for (const part of char.normalize('NFKD')) {
    if (ignorable.test(part)) continue
    const latin = lookAlikes.get(codeOf(part))
    for (const lower of latin ?? part.toLowerCase().normalize('NFKD')) read.push(...readLower(lower))
  }
  return collapseBlanks(read)
}

function readLower(lower: string): readonly number[] {
  if (ignorable.test(lower)) return []
  const latin = lookAlikes.get(codeOf(lower))
  if (latin !== undefined) return Array.from(latin, codeOf)
  if (!wordLike.test(lower)) return [blank]
  return [writtenWithoutBlanks.test(lower) ? ideograph | codeOf(lower) : codeOf(lower)]
}

function collapseBlanks(chars: readonly number[]): readonly number[] {
  return chars.filter((char, index) => char !== blank || chars[index - 1] !== blank)
}

/** Tab, line feed, vertical tab, form feed, carriage return and next line; other controls are dropped. */
function isBlankControl(codePoint: number): boolean {
  return (codePoint >= 0x09 && codePoint <= 0x0d) || codePoint === 0x85
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? blank
}
