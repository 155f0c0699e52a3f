/** Reads the parties: who may sign for each, and how many of them must. */
import { limits } from './limits.ts'
import type { Party, PartyRole, PartySigner } from './schedule.ts'
import { isId, kebab, readId, readKeys } from './schedule-values.ts'
import { fromField, onField, optional, placeOf, readEntries } from './schedule-line.ts'
import type { Draft, Entry } from './schedule-line.ts'
import { mistake, readInteger, readMap, readText, readWord, refuseUnknownKeys } from './yaml-values.ts'
import type { YamlField, YamlMap, YamlReader } from './yaml-values.ts'

const roles: readonly PartyRole[] = ['agency', 'provider', 'overseer']

export function readParties(draft: Draft): Party[] {
  return readEntries(draft, 'parties', ['role', 'signers', 'threshold', 'loosening', 'control'], readParty)
}

function readParty(entry: Entry): Party {
  const { map, reader, listed } = entry
  const role = fromField(map, 'role', reader, (field) => readWord(field, roles, reader))
  const written = requireSigners(entry)
  const signers = written === null ? [] : readSigners(written, reader)
  const threshold = fromField(map, 'threshold', reader, (field) => readCount(field, reader)) ?? 1
  const usual = Math.max(threshold, Math.min(threshold + 1, signers.length))
  const loosening = onField(map, 'loosening', (field) => readCount(field, reader)) ?? usual
  if (written !== null) requireCounts(entry, written.fields.size, { threshold, loosening })
  const control = onField(map, 'control', (field) => readId(field, reader)) ?? listed.id
  return { ...listed, role: role ?? 'agency', signers, threshold, loosening, control }
}

/** The signers as they are written, or null (reported) where there is no map of them. */
function requireSigners({ map, reader }: Entry): YamlMap | null {
  const field = map.fields.get('signers')
  if (field !== undefined) return readMap(field, reader)
  const help = 'list each signer with their keys: `signers: { general-counsel: { keys: ["…"] } }`'
  mistake(reader, 'AGREEMENT_MISSING_KEY', map.at, '`signers` is missing', help)
  return null
}

function readCount(field: YamlField, reader: YamlReader): number | null {
  return readInteger(field, 1, limits.signersPerParty, reader)
}

/** `signers` counts those that are written: one whose key cannot be read is a mistake of its own. */
function requireCounts(
  { map, reader }: Entry,
  signers: number,
  counts: Pick<Party, 'threshold' | 'loosening'>,
): void {
  for (const key of ['threshold', 'loosening'] as const) {
    if (counts[key] <= signers || !map.fields.has(key)) continue
    const message = `${counts[key]} signatures are asked of ${signers} signers`
    const help = 'ask for at most as many signatures as there are signers'
    mistake(reader, 'AGREEMENT_THRESHOLD', placeOf(map, key), message, help)
  }
  if (counts.loosening >= counts.threshold) return
  const message = 'what loosens asks for fewer signatures than what tightens'
  const help = 'let `loosening` be at least `threshold`'
  mistake(reader, 'AGREEMENT_THRESHOLD', placeOf(map, 'loosening'), message, help)
}

function readSigners(map: YamlMap, reader: YamlReader): PartySigner[] {
  if (map.fields.size > limits.signersPerParty) {
    mistake(reader, 'AGREEMENT_LIMIT', map.at, `a party has more than ${limits.signersPerParty} signers`)
    return []
  }
  return [...map.fields.values()].flatMap((line) => readSigner(line, reader) ?? [])
}

/** Null (reported) where it is none: a signer without a key signs nothing. */
function readSigner(line: YamlField, reader: YamlReader): PartySigner | null {
  if (!isId(line.key, kebab, line.keyAt, reader)) return null
  const map = readMap(line, reader)
  if (map === null) return null
  refuseUnknownKeys(map, ['title', 'keys'], reader)
  const keys = fromField(map, 'keys', reader, (field) => readKeys(field, reader))
  const title = optional({ map }, 'title', (field) => readText(field, reader))
  return keys === null || keys.length === 0 ? null : { id: line.key, ...title, keys }
}
