/** Reading the single values of a schedule: ids, digests, instants, money, upstreams, public keys. */
import { parseBase64, publicKeyFault } from '../base/index.ts'
import { parseInstant } from './instant.ts'
import { limits } from './limits.ts'
import { parseMicros } from './money.ts'
import { screeningFailed, unlisted } from './schedule.ts'
import { mistake, readDigits, readList, readText } from './yaml-values.ts'
import type { YamlField, YamlReader } from './yaml-values.ts'

export const kebab = /^[a-z0-9][a-z0-9-]{0,62}$/
export const toolName = /^[A-Za-z0-9_-]{1,64}$/

export function readId(field: YamlField, reader: YamlReader): string | null {
  const text = readText(field, reader)
  if (text !== null && !isId(text, kebab, field.at, reader)) return null
  return text
}

export function isId(text: string, form: RegExp, at: number, reader: YamlReader): boolean {
  if (text === unlisted || text === screeningFailed) {
    mistake(reader, 'AGREEMENT_RESERVED_WORD', at, `\`${text}\` is a word of the system`, 'choose another id')
    return false
  }
  if (form.test(text)) return true
  const help =
    form === kebab
      ? `use lower-case letters, digits and hyphens, at most ${limits.idChars}`
      : 'use letters, digits, `_` and `-`, at most 64'
  mistake(reader, 'AGREEMENT_ID', at, `\`${text.slice(0, 80)}\` is not an id`, help)
  return false
}

export function readDigest(field: YamlField, reader: YamlReader): string | null {
  const text = readText(field, reader)
  if (text === null || /^sha256:[0-9a-f]{64}$/.test(text)) return text
  mistake(
    reader,
    'AGREEMENT_VALUE',
    field.at,
    `\`${field.key}\` is not a digest`,
    'write `sha256:` and 64 hex digits',
  )
  return null
}

export function readInstant(field: YamlField, reader: YamlReader): number | null {
  const text = readText(field, reader)
  if (text === null) return null
  const instant = parseInstant(text)
  if (instant === null) {
    mistake(
      reader,
      'AGREEMENT_TIME',
      field.at,
      `\`${text}\` is not an instant`,
      'write it as `2026-03-01T00:00:00Z`',
    )
  }
  return instant
}

/** A day of the calendar, `2023-01-25`, in quotation marks or without: YAML 1.2 has no dates of its own. */
export function readDate(field: YamlField, reader: YamlReader): string | null {
  const text = readText(field, reader)
  if (text === null || parseInstant(`${text}T00:00:00Z`) !== null) return text
  mistake(reader, 'AGREEMENT_TIME', field.at, `\`${text}\` is not a day`, 'write it as `2023-01-25`')
  return null
}

export function readCurrency(field: YamlField, reader: YamlReader): string | null {
  const text = readText(field, reader)
  if (text === null || /^[A-Z]{3}$/.test(text)) return text
  mistake(
    reader,
    'AGREEMENT_VALUE',
    field.at,
    `\`${text}\` is not a currency`,
    'write its three letters, such as `USD`',
  )
  return null
}

export function readMoney(field: YamlField, reader: YamlReader): number | null {
  const digits = readDigits(field, reader)
  if (digits === null) return null
  const micros = parseMicros(digits)
  if (micros === null) {
    const help = 'write digits with at most six decimals, no sign and no exponent, up to 9007199254'
    mistake(reader, 'AGREEMENT_MONEY', field.at, `\`${digits}\` is not an amount`, help)
  }
  return micros
}

export function readUpstream(field: YamlField, reader: YamlReader): string | null {
  const text = readText(field, reader)
  if (text === null || text === 'rehearsal') return text
  const url = URL.canParse(text) ? new URL(text) : null
  const plain = url !== null && url.username === '' && url.password === '' && !/[?#@\s\\]/.test(text)
  if (plain && /^https?:\/\//.test(text)) return text
  const help =
    'write `rehearsal`, or an http(s) URL without user, query or fragment; credentials live at the gate'
  mistake(reader, 'AGREEMENT_UPSTREAM', field.at, 'this is not an upstream', help)
  return null
}

export function readKeys(field: YamlField, reader: YamlReader): string[] {
  const found: string[] = []
  const items = readList(field, limits.keysPerSigner, reader)
  if (items?.length === 0) mistake(reader, 'AGREEMENT_KEY', field.at, 'whoever signs has a key')
  for (const item of items ?? []) {
    const text = readText(item, reader)
    if (text === null) continue
    const wrong = publicKeyFault(parseBase64(text))
    if (wrong === null) found.push(text)
    else {
      const [message, help] = keyFaults[wrong]
      mistake(reader, 'AGREEMENT_KEY', item.at, message, help)
    }
  }
  return found
}

const keyFaults = {
  length: ['this is not a public key', 'write the 32 bytes of an Ed25519 public key in padded base64'],
  'not-a-point': ['these 32 bytes are not a public key', 'use a key that was generated'],
  'small-order': ['anyone can sign for this public key', 'use a key that was generated'],
} as const
