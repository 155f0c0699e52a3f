/** The detector of patterns: terms by Aho–Corasick, then which of them stand together. */
import { canonicalJson, digestOf, invariant } from '../base/index.ts'
import type { Detector, DetectorSession, Finding, Judgement } from './detector.ts'
import { blank, foldVersion } from './fold.ts'
import { Normaliser } from './normaliser.ts'
import type { CharRun, CharSink } from './normaliser.ts'
import { compilePatterns } from './pattern.ts'
import type { CompiledPatterns, SignalPatterns } from './pattern.ts'

/** Findings that one pattern makes in one reading of a text; the signal has long been given by then. */
const findingsPerPatternMax = 32
/** Marks kept for later; texts are mostly judged one after another. */
const sparesMax = 8
/** Changes with the way patterns are matched. */
const matcherVersion = '1'

/** A session that also says how much work it has done, for tests of its bounds. */
export interface PatternSession extends DetectorSession {
  /** Characters read, terms found and groups looked at. */
  readonly steps: number
}

export interface PatternDetector extends Detector {
  open(): PatternSession
}

/** Throws `SCREENING_PHRASE` on a term that no text could contain. */
export function createPatternDetector(sources: readonly SignalPatterns[]): PatternDetector {
  const compiled = compilePatterns(sources)
  const spares = new Spares(compiled)
  const id = 'patterns'
  const version = versionOf(sources)
  return {
    id,
    version,
    signals: [...new Set(sources.map(({ signal }) => signal))].sort(),
    scope: 'part',
    open: () => new Session(compiled, spares, `${id}@${version}`),
  }
}

/** A digest over everything that can change a finding, the tables of Unicode included. */
function versionOf(sources: readonly SignalPatterns[]): string {
  const content = sources.map(({ signal, patterns }) => ({
    signal,
    patterns: patterns.map(({ within, all }) => ({ within, all })),
  }))
  const versions = { content, foldVersion, matcherVersion, unicode: process.versions.unicode ?? '' }
  return `1.${digestOf(canonicalJson(versions)).slice('sha256:'.length, 'sha256:'.length + 12)}`
}

class Session implements PatternSession {
  /** Both come to be with their first character; hidden ones few texts have. */
  readonly #readings: { normalised: Reading | null; hidden: Reading | null } = {
    normalised: null,
    hidden: null,
  }
  readonly #normaliser: Normaliser
  #length = 0
  #safeUpTo = 0
  #findings: Finding[] = []
  #ended = false

  constructor(compiled: CompiledPatterns, spares: Spares, detector: string) {
    const readings = this.#readings
    const found = (finding: Finding): void => void this.#findings.push(finding)
    const sink = (view: 'normalised' | 'hidden'): CharSink => ({
      take: (run) => {
        readings[view] ??= new Reading(compiled, spares, { detector, view }, found)
        readings[view].take(run)
      },
    })
    this.#normaliser = new Normaliser(sink('normalised'), sink('hidden'))
  }

  get steps(): number {
    const { normalised, hidden } = this.#readings
    return (normalised?.steps ?? 1) + (hidden?.steps ?? 0)
  }

  push(text: string): Judgement {
    invariant(!this.#ended, 'a detector session takes no text after its end')
    this.#normaliser.push(text)
    this.#length += text.length
    const settled = this.#normaliser.settled
    const { normalised, hidden } = this.#readings
    const [visible, unseen] = [normalised?.safeUpTo(settled), hidden?.safeUpTo(settled)]
    return this.#judge(Math.min(visible ?? settled, unseen ?? settled))
  }

  end(): Judgement {
    if (!this.#ended) {
      this.#ended = true
      this.#normaliser.end()
      this.#readings.normalised?.end()
      this.#readings.hidden?.end()
    }
    return this.#judge(this.#length)
  }

  #judge(safeUpTo: number): Judgement {
    invariant(safeUpTo >= this.#safeUpTo, 'safeUpTo never falls')
    this.#safeUpTo = safeUpTo
    const findings = this.#findings
    this.#findings = []
    return { findings, safeUpTo }
  }
}

/**
 * One reading of the text. For each group it keeps the term that begins last: terms come in the order of
 * their ends, so whatever fits into a window with an earlier one fits with the last.
 */
class Reading implements CharSink {
  readonly #compiled: CompiledPatterns
  readonly #origin: { readonly detector: string; readonly view: string }
  readonly #found: (finding: Finding) => void
  readonly #spares: Spares
  readonly #groups: GroupHits
  readonly #patterns: PatternMarks
  /** Where the last characters stand in the text, by index modulo a power of two. */
  readonly #starts: Int32Array
  readonly #mask: number
  #state: number
  /** Characters read, a blank before the text counted as the first. */
  #count = 1
  /** Where the last character that is no blank ends. */
  #end = 0
  /** The findings that end where the last one does. */
  #lastGiven: Finding[] = []
  #work = 0
  /** Index after the last letter of the term that has just been found. */
  #wordEnd = 0
  readonly #onHit = (group: number, letters: number): void => this.#hit(group, letters)

  constructor(
    compiled: CompiledPatterns,
    spares: Spares,
    origin: { readonly detector: string; readonly view: string },
    found: (finding: Finding) => void,
  ) {
    this.#compiled = compiled
    this.#origin = origin
    this.#found = found
    this.#state = compiled.automaton.initial
    this.#spares = spares
    const { starts, groups, patterns } = spares.take()
    this.#starts = starts
    this.#mask = starts.length - 1
    this.#groups = groups
    this.#patterns = patterns
  }

  /** The text is over: nothing is taken or asked any more. */
  end(): void {
    this.#spares.give({ starts: this.#starts, groups: this.#groups, patterns: this.#patterns })
  }

  get steps(): number {
    return this.#count + this.#work
  }

  take({ codes, starts, ends, length }: CharRun): void {
    const { automaton } = this.#compiled
    const places = this.#starts
    const mask = this.#mask
    let state = this.#state
    let count = this.#count
    let last = -1
    for (let i = 0; i < length; i++) {
      const char = codes[i] ?? blank
      places[count & mask] = starts[i] ?? 0
      count++
      if (char !== blank) last = i
      state = automaton.next(state, char)
      if (automaton.hits(state)) {
        this.#wordEnd = char === blank ? count - 1 : count
        if (last >= 0) this.#end = ends[last] ?? 0
        automaton.forEachHit(state, this.#onHit)
      }
    }
    if (last >= 0) this.#end = ends[last] ?? 0
    this.#state = state
    this.#count = count
  }

  /** A term of `group` ends where the reading stands. */
  #hit(group: number, letters: number): void {
    this.#work++
    const start = this.#wordEnd - letters
    const { begins, places, live } = this.#groups
    if (start <= (begins[group] ?? -1)) return
    begins[group] = start
    places[group] = this.#starts[start & this.#mask] ?? 0
    live.add(group)
    for (const pattern of this.#compiled.patternsOf[group] ?? []) this.#check(pattern)
  }

  #check(index: number): void {
    const pattern = this.#compiled.patterns[index]
    if (pattern === undefined) return
    const { begins, places } = this.#groups
    const { floors, findings } = this.#patterns
    const earliest = Math.max(floors[index] ?? 0, this.#wordEnd - pattern.within)
    let start = this.#end
    for (const group of pattern.groups) {
      this.#work++
      if ((begins[group] ?? -1) < earliest) return
      start = Math.min(start, places[group] ?? 0)
    }
    floors[index] = this.#wordEnd
    findings[index] = (findings[index] ?? 0) + 1
    if ((findings[index] ?? 0) > findingsPerPatternMax) return
    this.#give({ signal: pattern.signal, score: 1, ...this.#origin, start, end: this.#end })
  }

  /** Two patterns of a signal that hold over the same characters make one finding. */
  #give(finding: Finding): void {
    if (this.#lastGiven[0]?.end !== finding.end) this.#lastGiven = []
    if (this.#lastGiven.some(({ signal, start }) => signal === finding.signal && start === finding.start))
      return
    this.#lastGiven.push(finding)
    this.#found(finding)
  }

  /** The least position a finding to come could begin at, if `settled` units have been read. */
  safeUpTo(settled: number): number {
    let safe = settled
    const depth = this.#compiled.automaton.depth(this.#state)
    // A term that is only begun by its leading blank starts with a character to come.
    if (depth > 1) safe = Math.min(safe, this.#starts[(this.#count - depth + 1) & this.#mask] ?? 0)
    const { live, places } = this.#groups
    for (const group of live) {
      if (this.#matters(group)) safe = Math.min(safe, places[group] ?? 0)
      else live.delete(group)
    }
    return safe
  }

  /** Whether the last term of a group can still be part of a finding. */
  #matters(group: number): boolean {
    const begin = this.#groups.begins[group] ?? -1
    const { floors, findings } = this.#patterns
    return (this.#compiled.patternsOf[group] ?? []).some(
      (pattern) =>
        begin >= (floors[pattern] ?? 0) &&
        this.#count - begin <= (this.#compiled.patterns[pattern]?.within ?? 0) &&
        (findings[pattern] ?? 0) < findingsPerPatternMax,
    )
  }
}

interface GroupHits {
  /** Index of the character at which the last term begins, or -1. */
  readonly begins: Int32Array
  /** Its position in the text. */
  readonly places: Int32Array
  /** Groups with a term that could still matter when last looked at. */
  readonly live: Set<number>
}

interface PatternMarks {
  /** Terms that begin before are spent in a finding. */
  readonly floors: Int32Array
  /** Findings made. */
  readonly findings: Int32Array
}

/** What one reading keeps. */
interface Marks {
  readonly starts: Int32Array
  readonly groups: GroupHits
  readonly patterns: PatternMarks
}

/** Marks for the readings to come: their arrays lie outside the heap, and each would cost more than to read a line. */
class Spares {
  readonly #compiled: CompiledPatterns
  readonly #spare: Marks[] = []

  constructor(compiled: CompiledPatterns) {
    this.#compiled = compiled
  }

  /** As if nothing had been read. */
  take(): Marks {
    const marks = this.#spare.pop() ?? this.#make()
    marks.groups.begins.fill(-1)
    marks.groups.live.clear()
    marks.patterns.floors.fill(0)
    marks.patterns.findings.fill(0)
    return marks
  }

  give(marks: Marks): void {
    if (this.#spare.length < sparesMax) this.#spare.push(marks)
  }

  #make(): Marks {
    const { automaton, patternsOf, patterns } = this.#compiled
    const [ofGroups, ofPatterns] = [patternsOf.length, patterns.length]
    return {
      starts: new Int32Array(2 ** Math.ceil(Math.log2(automaton.depthMax + 2))),
      groups: { begins: new Int32Array(ofGroups), places: new Int32Array(ofGroups), live: new Set() },
      patterns: { floors: new Int32Array(ofPatterns), findings: new Int32Array(ofPatterns) },
    }
  }
}
