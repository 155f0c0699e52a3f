/**
 * What of an installation's log stands in no table: its name and role, how agreements came into force, orders, disputes,
 * and who may decide about holds.
 */
import { utf8 } from '../../base/index.ts'
import { parseLeaf } from '../../ledger/index.ts'
import type { ActivationLeaf, Leaf } from '../../ledger/index.ts'
import type { ActivatedText, ActivationRow, RecorderStore, StandingAnswer } from '../../recorder/index.ts'

type CameAbout = Pick<ActivatedText, 'time' | 'announced' | 'judgedBefore'>

export interface Noted extends Omit<StandingAnswer, 'version' | 'activations'> {
  readonly role: 'agency' | 'gate'
  /** By activation entry. */
  readonly cameAbout: ReadonlyMap<number, CameAbout>
}

/** Canonical JSON writes a kind in one way only; so most entries need not be parsed. */
const kinds = ['opened', 'activation', 'announced', 'order', 'dispute', 'reviewers'].map((kind) =>
  utf8(`"kind":"${kind}"`),
)
/** So begins, in canonical JSON, whatever was judged under the activation that the number names. */
const judgedUnder = '{"agreement":'

/** Reads every entry up to `size`. Throws `LEDGER_LEAF` where one that matters is none. */
export async function readNoted(store: Pick<RecorderStore, 'readLeaves'>, size: number): Promise<Noted> {
  const reader = new NotedReader()
  let at = 0
  while (at < size) {
    const leaves = await store.readLeaves(at, size)
    if (leaves.length === 0) break
    for (const bytes of leaves) reader.add(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    at += leaves.length
  }
  return reader.noted
}

/** Rows of activations with what the entries tell of them; one that no entry tells of counts as the strictest. */
export function activatedTexts(rows: readonly ActivationRow[], { cameAbout }: Noted): ActivatedText[] {
  return rows.map(({ seq, text, envelope }) => {
    const about = cameAbout.get(seq) ?? { time: 0, judgedBefore: true }
    return { seq, text, envelope, ...about }
  })
}

class NotedReader {
  noted: Noted = {
    ...{ origin: '', role: 'agency', cameAbout: new Map<number, CameAbout>() },
    ...{ orders: [], disputes: [], announced: [], reviewers: [] },
  }
  /** Ids of agreements, by activation entry. */
  readonly #agreements = new Map<number, string>()
  readonly #judged = new Set<string>()

  add(bytes: Buffer): void {
    if (kinds.some((kind) => bytes.includes(kind))) this.#note(parseLeaf(bytes))
    else if (bytes.toString('latin1', 0, judgedUnder.length) === judgedUnder) {
      const entry = Number.parseInt(bytes.toString('latin1', judgedUnder.length, judgedUnder.length + 16), 10)
      this.#judged.add(this.#agreements.get(entry) ?? '')
    }
  }

  #note(leaf: Leaf): void {
    const { noted } = this
    if (leaf.kind === 'opened') this.noted = { ...noted, origin: leaf.origin, role: leaf.role ?? 'agency' }
    if (leaf.kind === 'reviewers') this.noted = { ...noted, reviewers: leaf.reviewers }
    if (leaf.kind === 'activation') this.#activate(leaf)
    if (leaf.kind === 'announced') this.noted = { ...noted, announced: [...noted.announced, leaf] }
    if (leaf.kind === 'order') this.noted = { ...noted, orders: [...noted.orders, leaf] }
    if (leaf.kind === 'dispute') this.noted = { ...noted, disputes: [...noted.disputes, leaf] }
  }

  #activate({ seq, time, agreement, announced }: ActivationLeaf): void {
    const judgedBefore = this.#judged.has(agreement)
    const about = { time, judgedBefore, ...(announced === undefined ? {} : { announced }) }
    this.noted = { ...this.noted, cameAbout: new Map([...this.noted.cameAbout, [seq, about]]) }
    this.#agreements.set(seq, agreement)
  }
}
