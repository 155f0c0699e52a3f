/** The bytes of a leaf: canonical JSON (RFC 8785), so that a stranger's program reads them, and the members of each kind. */
import { JsonError, canonicalJson, equalBytes, isObject, parseJson, utf8 } from '../base/index.ts'
import type { Json, JsonObject } from '../base/index.ts'
import { LedgerError } from './ledger-error.ts'
import { entryBytesMax } from './merkle.ts'
import { isKeyName } from './note.ts'

import { turnedAwayReasons } from './leaf.ts'
import type { Leaf } from './leaf.ts'

/** The exact bytes of an entry: canonical JSON. Throws `LEDGER_LEAF_TOO_LARGE` beyond 65,535 bytes. */
export function formatLeaf(leaf: Leaf): Uint8Array {
  const bytes = utf8(canonicalJson({ ...leaf } as unknown as JsonObject))
  if (bytes.length > entryBytesMax) {
    throw new LedgerError(
      'LEDGER_LEAF_TOO_LARGE',
      `an entry has ${bytes.length} bytes, the most is ${entryBytesMax}`,
    )
  }
  return bytes
}

/** Reads exact bytes: canonical, of a known kind, with its members and no others. Throws `LEDGER_LEAF`. */
export function parseLeaf(bytes: Uint8Array): Leaf {
  const value = parseObject(bytes)
  requireMembers(value, membersOf(value))
  if (!equalBytes(utf8(canonicalJson(value)), bytes)) throw malformed('its JSON is not canonical')
  // Every member of the kind has been checked above, and there are no others.
  return value as unknown as Leaf
}

/** Kinds with a member that may be any JSON, or a list of objects. */
const nested: ReadonlySet<Leaf['kind']> = new Set([
  ...(['activation', 'announced', 'hold-decided', 'order', 'dispute', 'reviewers'] as const),
])

/**
 * The bytes of a leaf and the leaf that `parseLeaf` reads in them, for whoever writes an entry: what could not be
 * read is not written. Throws as both do. Where every member is a word, a number or a list of words, its members are
 * checked as they are, for the bytes can say nothing else.
 */
export function writeLeaf(leaf: Leaf): { readonly bytes: Uint8Array; readonly leaf: Leaf } {
  const bytes = formatLeaf(leaf)
  if (nested.has(leaf.kind)) return { bytes, leaf: parseLeaf(bytes) }
  const value = leaf as unknown as JsonObject
  requireMembers(value, membersOf(value))
  return { bytes, leaf }
}

type Check = (value: Json) => boolean
interface Member {
  readonly check: Check
  readonly optional?: true
}
type Members = Readonly<Record<string, Member>>

const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const isWord: Check = (value) => typeof value === 'string' && value.length > 0
const isId: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value)
const isDigest: Check = (value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)
const isHexHash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isWords: Check = (value) => Array.isArray(value) && value.every(isWord)
const isCounts: Check = (value) => Array.isArray(value) && value.every(isCount)
const isPositive: Check = (value) => isCount(value) && value !== 0
const oneOf =
  (...allowed: readonly Json[]): Check =>
  (value) =>
    allowed.includes(value)

const required = (check: Check): Member => ({ check })
const optional = (check: Check): Member => ({ check, optional: true })

const stepMembers: Members = {
  v: required(oneOf(1)),
  kind: required(isWord),
  seq: required(isCount),
  time: required(isCount),
}

const exchangeMembers: Members = {
  ...stepMembers,
  exchange: required(isWord),
  agreement: optional(isCount),
  stage: required(oneOf('request', 'tool', 'answer')),
  decision: required(oneOf('allow', 'hold', 'deny')),
  rules: required(isWords),
  provider: optional(isWord),
  upstream: optional(oneOf('live', 'rehearsal')),
  commitments: required(isHexHash),
  record: required(isDigest),
}

/** The members of each kind; an interrupted outcome has those of no other. */
const members = {
  opened: {
    ...stepMembers,
    origin: required((value) => typeof value === 'string' && isKeyName(value)),
    role: optional(oneOf('gate')),
  },
  activation: {
    ...stepMembers,
    agreement: required(isWord),
    version: required(isPositive),
    hash: required(isDigest),
    supersedes: optional(isCount),
    announced: optional(isCount),
    envelope: required(() => true),
    demo: optional(oneOf(true)),
  },
  announced: {
    ...stepMembers,
    agreement: required(isCount),
    version: required(isPositive),
    hash: required(isDigest),
    envelope: required(() => true),
    demo: optional(oneOf(true)),
  },
  intent: {
    ...exchangeMembers,
    decision: required(oneOf('allow')),
    text: required(isDigest),
    hold: optional(isWord),
  },
  refusal: {
    ...exchangeMembers,
    decision: required(oneOf('deny', 'hold')),
    hold: optional(isWord),
    expires: optional(isCount),
  },
  outcome: {
    ...exchangeMembers,
    intent: required(isCount),
    status: required(oneOf('completed', 'stopped', 'failed', 'client-gone')),
    hold: optional(isWord),
    expires: optional(isCount),
  },
  'hold-decided': {
    ...stepMembers,
    exchange: required(isWord),
    hold: required(isWord),
    verdict: required(oneOf('approve', 'deny')),
    envelope: required(() => true),
    commitments: required(isHexHash),
    record: required(isDigest),
  },
  'hold-expired': { ...stepMembers, exchange: required(isWord), hold: required(isWord) },
  reviewers: {
    ...stepMembers,
    reviewers: required((value) => Array.isArray(value) && value.every(isReviewer)),
  },
  order: {
    ...stepMembers,
    order: required(oneOf('stop', 'resume')),
    id: required(isWord),
    agreement: required(isCount),
    lifts: required(isWords),
    envelope: required(() => true),
  },
  dispute: {
    ...stepMembers,
    id: required(isId),
    agreement: required(isCount),
    clause: required(isWord),
    envelope: required(() => true),
  },
  served: {
    ...stepMembers,
    exchange: required(isWord),
    agreement: required(isCount),
    provider: required(isWord),
    upstream: required(oneOf('live', 'rehearsal')),
    receipt: required(isWord),
  },
  'served-end': {
    ...stepMembers,
    exchange: required(isWord),
    served: required(isCount),
    status: required(oneOf('answered', 'failed', 'gone', 'stopped', 'interrupted')),
  },
  'turned-away': {
    ...stepMembers,
    reason: required(oneOf(...turnedAwayReasons)),
    count: required(isPositive),
    intents: required((value) => isCounts(value) && (value as readonly Json[]).length <= 16),
  },
  certificate: {
    ...stepMembers,
    certificate: required(oneOf('exclusion')),
    supplier: required(isWord),
    from: required(isCount),
    to: required(isCount),
  },
  gap: { ...stepMembers, refusals: required(isCount) },
} satisfies Record<Leaf['kind'], Members>

const interruptedMembers: Members = {
  ...stepMembers,
  exchange: required(isWord),
  intent: required(isCount),
  status: required(oneOf('interrupted')),
}

const reviewerMembers: Members = {
  key: required(isWord),
  person: required(isWord),
  agreement: required(isWord),
  levels: required(isWords),
  roles: optional(isWords),
  unit: optional(isWord),
  callers: required(isWords),
}

function isReviewer(value: Json): boolean {
  return isObject(value) && wrongMember(value, reviewerMembers) === null
}

function parseObject(bytes: Uint8Array): JsonObject {
  let value: Json
  try {
    value = parseJson(bytes)
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause
    throw new LedgerError('LEDGER_LEAF', 'the entry is not strict JSON', { cause })
  }
  if (!isObject(value)) throw malformed('it is not an object')
  return value
}

function membersOf({ kind, status }: JsonObject): Members {
  if (kind === 'outcome' && status === 'interrupted') return interruptedMembers
  if (typeof kind === 'string' && Object.hasOwn(members, kind)) return members[kind as Leaf['kind']]
  throw malformed('its kind is unknown')
}

function requireMembers(value: JsonObject, expected: Members): void {
  const wrong = wrongMember(value, expected)
  if (wrong !== null) throw malformed(wrong)
}

/** What is wrong with the members, or null. */
function wrongMember(value: JsonObject, expected: Members): string | null {
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(expected, key)) return 'it has a member that its kind has not'
  }
  for (const [key, { check, optional: absentAllowed }] of Object.entries(expected)) {
    const member = value[key]
    if (member === undefined ? !absentAllowed : !check(member)) return `\`${key}\` is missing or wrong`
  }
  return null
}

function malformed(reason: string): LedgerError {
  return new LedgerError('LEDGER_LEAF', `the entry is malformed: ${reason}`)
}
