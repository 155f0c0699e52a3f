/** An agency's gate as it should be: what tests change in one point, to see that one finding appears. */
import { signStatement, statementOf } from '../../agreement/index.ts'
import { requireAgreement, sampleText } from '../../agreement/sample-agreement.ts'
import { newPrivateKey, signerFromKey } from '../../base/index.ts'
import type { Json, Signer } from '../../base/index.ts'
import type { EnrolledReviewer } from '../../ledger/index.ts'
import type { RegisteredReviewer } from '../../oversight/index.ts'
import { placesOf, readSettings } from '../../process/index.ts'
import { buildStanding } from '../../standing/index.ts'
import type { Standing } from '../../standing/index.ts'
import type { Installation } from './installation.ts'

export const sampleNow = Date.parse('2026-11-20T15:00:00Z')

function textOf({ publicKey }: Signer): string {
  return Buffer.from(publicKey).toString('base64')
}

const [agency, provider, ada, ben] = [1, 2, 3, 4].map(() => signerFromKey(newPrivateKey())) as [
  Signer,
  Signer,
  Signer,
  Signer,
]

const routes = `
  general: { model: large, upstream: "https://model.example/v1", price: { input: 3, output: 0.5 }, outputTokensMax: 4096, clause: "2" }`
const text = sampleText({
  agencyKeys: [textOf(agency)],
  providerKeys: [textOf(provider)],
  lines: { routes, levels: '{ two-person: { persons: 2, clause: "2" }, official: { clause: "2" } }' },
})
const agreement = requireAgreement(text)
const statement = statementOf(agreement, agreement.schedule.term.from)
const { payloadType, payload, signatures } = await signStatement(statement, [agency, provider])
const envelope: Json = { payloadType, payload, signatures: signatures.map((one) => ({ ...one })) }

const common = { agreement: 'sample', levels: ['official', 'two-person'], roles: [], callers: [] }
export const sampleRegistered: readonly RegisteredReviewer[] = Object.entries({ ada, ben }).map(
  ([id, signer]) => ({ id, title: id, person: id, key: textOf(signer), ...common }),
)
const reviewers: readonly EnrolledReviewer[] = sampleRegistered.map(({ key, person }) => ({
  ...common,
  key,
  person: `digest of ${person}`,
}))

export const sampleStanding: Standing = buildStanding(
  {
    ...{ version: 0, origin: 'sample', orders: [], disputes: [], announced: [], reviewers },
    activations: [{ seq: 1, time: sampleNow, text, envelope, judgedBefore: false }],
  },
  sampleNow,
)

const settings = readSettings({
  SERVANDA_DATA: '/srv/servanda/data',
  SERVANDA_KEYS: '/etc/servanda/keys',
  SERVANDA_GUARD: '/var/lib/servanda/guard',
  SERVANDA_GATES: 'https://gate.example',
})

export const sampleInstallation: Installation = {
  role: 'agency',
  settings,
  places: placesOf(settings),
  isComplete: true,
  now: sampleNow,
  standing: sampleStanding,
  state: { lastTime: sampleNow - 1, spent: new Map([['sample', 1_000_000]]), intents: [], holds: [] },
  registered: sampleRegistered,
  owned: [
    { path: settings.data, mode: 0o700, isDirectory: true },
    { path: settings.keys, mode: 0o700, isDirectory: true },
    { path: settings.guard, mode: 0o755, isDirectory: true },
    { path: placesOf(settings).logKey, mode: 0o600, isDirectory: false },
    { path: placesOf(settings).control, mode: 0o600, isDirectory: false },
  ],
  hasDemoCallerKeys: false,
  otherGate: { data: [], keys: [] },
  logVkey: { value: 'sample+00000000+AAAA' },
  publishedVkey: 'sample+00000000+AAAA',
  agencyVkey: null,
  credentials: { value: new Set() },
  freeBytes: 10 ** 11,
  reachable: [],
}

const gateSettings = { ...settings, role: 'gate', gates: null } as const

/** A provider's gate as it should be. */
export const sampleGate: Installation = {
  ...sampleInstallation,
  role: 'gate',
  settings: gateSettings,
  registered: [],
  standing: { ...sampleStanding, reviewers: [] },
  agencyVkey: 'agency+11111111+AAAA',
  credentials: { value: new Set(['general']) },
  reachable: null,
}
