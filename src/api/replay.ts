/**
 * Judges what has happened again, under another version: of every decision of a period the sealed facts are opened,
 * judged once more by the version of their time, which must give what was recorded, and then by the new one. What comes
 * out are counts; nothing is written, and no word of an exchange leaves.
 */
import { compileAgreement } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { judgeAgain, prepare } from '../decision/index.ts'
import type { Decision, Prepared, SystemDenial } from '../decision/index.ts'
import type { Leaf, PublishedEntries } from '../ledger/index.ts'
import type { WrappingKey } from '../records/index.ts'
import type { StandingAnswer } from '../recorder/index.ts'
import { comingInto, formsOf } from '../standing/index.ts'
import type { Standing } from '../standing/index.ts'
import type { ControlDeps } from './control-deps.ts'
import { requireInForce } from './current-standing.ts'
import { isTime, misshapen, readObject } from './read-body.ts'
import { readStep } from './replay-record.ts'
import type { DecidedLeaf } from './replay-record.ts'
import { ReplayTally } from './replay-report.ts'
import type { ReplayReport, ReplayedVersion } from './replay-report.ts'

export interface ReplayAsked {
  readonly agreement: Agreement
  readonly since: number
  readonly until: number
}

export interface ReplayDeps {
  readonly standing: Pick<Standing, 'origin' | 'agreements' | 'read'>
  /** Every dispute there ever was, in the order of the log. */
  readonly disputes: StandingAnswer['disputes']
  readonly published: () => Promise<PublishedEntries>
  readonly sealed: ControlDeps['recorder']['sealed']
  readonly recordKey: WrappingKey
  /** Ends it where whoever asked has gone. */
  readonly signal: AbortSignal
}

/** As JSON, an agreement of the greatest length may take this many bytes. */
export const replayBytesMax = 4_194_304

/**
 * `{text, since, until}`: the text of the new version, signed or not, and the period in milliseconds since the epoch.
 * Throws `CONTROL_REQUEST` where it does not compile.
 */
export function readReplay(body: unknown): ReplayAsked {
  const { text, since, until } = readObject(body, ['text', 'since', 'until'])
  if (typeof text !== 'string') throw misshapen('the text of an agreement is needed')
  if (!isTime(since) || !isTime(until)) throw misshapen('the period is in milliseconds since the epoch')
  const { agreement, diagnostics } = compileAgreement(text)
  if (agreement) return { agreement, since, until }
  const first = diagnostics.find(({ severity }) => severity === 'error')
  throw misshapen(`the agreement has errors: line ${first?.line ?? 0}: ${first?.message ?? ''}`)
}

/** Records that are asked for at once, so that a replay keeps nobody waiting for long. */
const recordsAtOnce = 16

/** Throws `CONTROL_NOT_FOUND` where no version of the agreement is in force. */
export async function replay(
  { agreement, since, until }: ReplayAsked,
  deps: ReplayDeps,
): Promise<ReplayReport> {
  const { id, version } = agreement.schedule
  const coming = comingInto(requireInForce(deps.standing, id), agreement, deps.standing.read)
  const published = await deps.published()
  const replaying = new Replaying(prepare(coming), deps)
  for await (const leaves of published.since(since)) {
    const inside = leaves.filter((leaf) => leaf.time < until)
    for (let at = 0; at < inside.length; at += recordsAtOnce) {
      await replaying.add(inside.slice(at, at + recordsAtOnce))
    }
    if (inside.length < leaves.length) break
  }
  return {
    agreement: id,
    before: replaying.before(),
    under: { version, hash: agreement.hash },
    period: { since, until },
    covered: { size: published.size, time: published.lastTime },
    ...replaying.tally.result(),
  }
}

class Replaying {
  readonly tally = new ReplayTally()
  readonly #under: Prepared
  readonly #id: string
  readonly #deps: ReplayDeps
  readonly #versions = new Map<number, ReplayedVersion>()
  readonly #forms = new Map<number, readonly Prepared[]>()
  /** Exchanges of the agreement whose intent would not have gone out, and whose end is still to come. */
  readonly #stopped = new Set<string>()
  /** Exchanges of the agreement whose end is still to come: an interrupted one does not name its agreement. */
  readonly #open = new Set<string>()

  constructor(under: Prepared, deps: ReplayDeps) {
    this.#under = under
    this.#id = under.agreement.schedule.id
    this.#deps = deps
  }

  before(): readonly ReplayedVersion[] {
    return [...this.#versions.values()]
  }

  async add(leaves: readonly Leaf[]): Promise<void> {
    if (this.#deps.signal.aborted) throw misshapen('whoever asked has gone')
    const read = leaves.map(async (leaf) => {
      const asked = isDecided(leaf) && this.#isOurs(leaf) && notByRules(leaf) === null
      return [leaf, asked ? await this.#deps.sealed(leaf.seq) : null] as const
    })
    for (const [leaf, sealed] of await Promise.all(read)) this.#add(leaf, sealed)
  }

  #add(leaf: Leaf, sealed: Uint8Array | null): void {
    if (leaf.kind === 'outcome' && !isDecided(leaf)) {
      if (!this.#open.delete(leaf.exchange)) return
      this.tally.notJudged(this.#stopped.delete(leaf.exchange) ? 'not-reached' : 'interrupted')
      return
    }
    if (!isDecided(leaf) || !this.#isOurs(leaf)) return
    if (leaf.kind === 'intent') this.#open.add(leaf.exchange)
    if (leaf.kind === 'outcome') this.#open.delete(leaf.exchange)
    const reached = leaf.kind !== 'outcome' || !this.#stopped.delete(leaf.exchange)
    const why = reached ? notByRules(leaf) : 'not-reached'
    if (why) this.tally.notJudged(why)
    else this.#judge(leaf, sealed)
  }

  #judge(leaf: DecidedLeaf, sealed: Uint8Array | null): void {
    const { origin } = this.#deps.standing
    const applied = this.#preparedOf(leaf.agreement)
    const step = readStep(leaf, sealed, { origin, recordKey: this.#deps.recordKey })
    if (applied.length === 0 || typeof step === 'string') {
      this.tally.unreadable(typeof step === 'string' ? step : 'no-version')
      return
    }
    const place = { entry: leaf.seq, exchange: leaf.exchange }
    const before = applied
      .map((prepared) => judgeAgain(prepared, step.acts))
      .find((decision) => isRecorded(decision, leaf))
    if (!before) {
      this.tally.unreproducible(place)
      return
    }
    const now = judgeAgain(this.#under, step.acts)
    if (leaf.kind === 'intent' && now.verdict !== 'allow') this.#stopped.add(leaf.exchange)
    this.tally.rejudged({ ...place, unit: step.unit, before, now })
  }

  /** A version in each form in which it may have acted; none that is not known. */
  #preparedOf(entry: number | undefined): readonly Prepared[] {
    if (entry === undefined) return []
    const known = this.#forms.get(entry)
    if (known) return known
    const { standing, disputes } = this.#deps
    const forms = formsOf(entry, standing.read, disputes).map(prepare)
    this.#forms.set(entry, forms)
    const [signed] = forms
    if (signed) {
      const { schedule, hash } = signed.agreement
      this.#versions.set(entry, { entry, version: schedule.version, hash })
    }
    return forms
  }

  #isOurs({ agreement }: DecidedLeaf): boolean {
    if (agreement === undefined) return false
    const version = this.#deps.standing.read.get(agreement)
    // What names a version that nobody knows may be of this agreement, and is not passed over in silence.
    return version === undefined || version.agreement.schedule.id === this.#id
  }
}

function isDecided(leaf: Leaf): leaf is DecidedLeaf {
  if (leaf.kind === 'outcome') return leaf.status !== 'interrupted'
  return leaf.kind === 'intent' || leaf.kind === 'refusal'
}

const gatesOwn: ReadonlySet<string> = new Set<SystemDenial>([
  'system.no-agreement',
  'system.standing',
  'system.order',
  'system.holds',
  'system.gate',
])

/** Whether something other than the rules of an agreement has decided. */
function notByRules(leaf: DecidedLeaf): 'by-system' | 'repeats' | null {
  if (leaf.rules.some((rule) => gatesOwn.has(rule.split('#')[0] ?? ''))) return 'by-system'
  const repeats = leaf.kind === 'refusal' && leaf.hold !== undefined && leaf.expires === undefined
  return repeats ? 'repeats' : null
}

function isRecorded({ verdict, citations }: Decision, leaf: DecidedLeaf): boolean {
  return verdict === leaf.decision && String(citations.map(({ rule }) => rule)) === String(leaf.rules)
}
