/**
 * Requests that put rules to the proof. Requests drawn at random prove nothing: almost all of them are denied for
 * some reason other than the one in question. These are searched for, so that one rule alone decides.
 */
import {
  cedarTokens,
  entityLiterals,
  findRegion,
  screeningFailed,
  shuffled,
  spaceOf,
  unlisted,
  vocabularyOf,
} from '../agreement/index.ts'
import type { Agreement, Interval, Region, Rule, Space, Test } from '../agreement/index.ts'
import type { Approvals, Facts, Signals, Stage } from './decision.ts'
import { oneOf } from './random.ts'

export interface Request {
  readonly facts: Facts
  readonly findings: Signals
  readonly approvals: Approvals
}

export interface AimedRequest extends Request {
  /** The rule that it puts to the proof. */
  readonly rule: string
}

/** Where requests for one agreement come from. */
export interface RequestSource {
  readonly agreement: Agreement
  readonly space: Space
  readonly random: () => number
  readonly permits: readonly Rule[]
  readonly forbids: readonly Rule[]
}

export function requestSource(agreement: Agreement, random: () => number): RequestSource {
  const { rules, schedule, ancestors } = agreement
  return {
    agreement,
    space: spaceOf(vocabularyOf(schedule), ancestors, schedule.models),
    random,
    permits: rules.filter((rule) => rule.effect === 'permit'),
    forbids: rules.filter((rule) => rule.effect === 'forbid'),
  }
}

/**
 * Situations that meet the demands while no other forbid applies and, as far as can be, some permit does (for a
 * permit: as far as can be, no other permit). Where there are none, forbids that approvals lift may apply. Null
 * where there are none either.
 */
export function regionFor(
  source: RequestSource,
  rule: Rule,
  met: readonly Test[],
  unmet: readonly Test[],
): Region | null {
  const forbids = source.forbids.filter((forbid) => forbid !== rule)
  const others = forbids.map((forbid) => forbid.test)
  const prohibitions = forbids.filter((forbid) => forbid.liftedBy.length === 0).map((forbid) => forbid.test)
  const permits = source.permits.filter((permit) => permit !== rule).map((permit) => permit.test)
  const { space, random } = source
  const attempts: [met: readonly Test[], unmet: readonly Test[]][] =
    rule.effect === 'permit'
      ? [
          [met, [...unmet, ...others, ...permits]],
          [met, [...unmet, ...others]],
          [met, [...unmet, ...prohibitions]],
        ]
      : [
          [
            [...met, { op: 'any', tests: permits }],
            [...unmet, ...others],
          ],
          [met, [...unmet, ...others]],
          [
            [...met, { op: 'any', tests: permits }],
            [...unmet, ...prohibitions],
          ],
        ]
  for (const [wanted, unwanted] of attempts) {
    const search = findRegion(space, wanted, unwanted, { random, stepsMax: 5_000 })
    if (search.found === 'region') return search.region
  }
  return null
}

/** A request of which this rule is the sole cause; null where every request it decides meets another forbid too. */
export function soleCause(source: RequestSource, rule: Rule): Region | null {
  return regionFor(source, rule, [rule.test], [])
}

/** One request of a region. What the region leaves free is drawn at random. */
export function requestIn(region: Region, source: RequestSource, rule: Rule): Request {
  const { random, space, agreement } = source
  const vocabulary = space.vocabulary.all
  const pick = (words: ReadonlySet<string>): string =>
    disguised(oneOf([...words], random) ?? unlisted, random)
  const facts: Facts = {
    stage: (oneOf([...region.stage], random) ?? 'request') as Stage,
    unit: pick(region.unit),
    chain: chainIn(region, source),
    action: pick(region.action),
    model: pick(region.model),
    purpose: pick(region.purpose),
    surface: pick(region.surface),
    consumer: pick(region.consumer),
    provenance: membersIn(region.provenance, vocabulary.Provenance, random).map((word) =>
      disguised(word, random),
    ),
    time: numberIn(region.time, agreement.schedule.term.from, random),
    committedMicros: numberIn(region.committed, 1_000_000, random),
    persons: numberIn(region.persons, 1, random),
  }
  const findings = new Set(membersIn(region.findings, vocabulary.Signal, random))
  if (random() < 0.2) findings.add('signal-of-another-agreement')
  return { facts, findings, approvals: approvalsFor(rule, source) }
}

/** What the schedule does not list comes under many names. */
function disguised(word: string, random: () => number): string {
  return word === unlisted && random() < 0.7 ? 'not-in-the-schedule' : word
}

function membersIn(
  { has, not }: { readonly has: ReadonlySet<string>; readonly not: ReadonlySet<string> },
  words: ReadonlySet<string>,
  random: () => number,
): string[] {
  const free = [...words].filter((word) => !has.has(word) && !not.has(word) && random() < 0.2)
  return [...has, ...free]
}

function chainIn(region: Region, { space, random }: RequestSource): string[] {
  const { has, not } = region.chain
  const free = [...space.vocabulary.all.Unit].filter(
    (unit) => !space.closureOf(unit).some((each) => not.has(each)) && random() < 0.15,
  )
  return [...has, ...free].map((unit) => disguised(unit, random))
}

/** Near the ends of the interval or near `usual`, where mistakes show; seldom somewhere between. */
function numberIn({ min, max, not }: Interval, usual: number, random: () => number): number {
  const draws = [min, max, Math.min(max, Math.max(min, usual)), min + Math.floor(random() * (max - min))]
  const first = oneOf(draws, random) ?? min
  for (let value = first; value <= max; value++) if (!not.has(value)) return value
  for (let value = first; value >= min; value--) if (!not.has(value)) return value
  return min
}

/** At random; for a rule that approvals lift, one of its levels is left out so that it still applies. */
function approvalsFor(rule: Rule, { agreement, random }: RequestSource): Set<string> {
  const levels = agreement.schedule.levels.map((level) => level.id)
  const given = new Set(levels.filter(() => random() < 0.3))
  const missing = oneOf(rule.liftedBy, random)
  if (missing !== undefined) given.delete(missing)
  return given
}

/** Every request that puts this rule to the proof, `rounds` times over with different irrelevant facts. */
export function requestsFor(source: RequestSource, rule: Rule, rounds: number): AimedRequest[] {
  const found: Request[] = []
  for (let round = 0; round < rounds; round++) {
    const region = soleCause(source, rule) ?? anyRegion(source, rule)
    const bases = region === null ? [] : [requestIn(region, source, rule)]
    for (const base of bases) {
      found.push(
        base,
        ...liftedVariants(base, rule),
        ...literalVariants(base, source, rule),
        ...drifts(base, source),
      )
    }
    const granted = grantedRequest(source)
    if (granted !== null) found.push(...textRequests(granted, source, rule))
    for (const atom of atomsOf(rule.test)) found.push(...atomRequests(source, rule, atom))
  }
  return found.map((request) => ({ ...request, rule: rule.id }))
}

function anyRegion({ space, random }: RequestSource, rule: Rule): Region | null {
  const search = findRegion(space, [rule.test], [], { random })
  return search.found === 'region' ? search.region : null
}

/** A request that some permit allows and no forbid meets; null in an agreement that never allows. */
function grantedRequest(source: RequestSource): Request | null {
  for (const permit of shuffled(source.permits, source.random)) {
    const region = soleCause(source, permit)
    // Nothing free is drawn: what the caller then puts in is not met by a chance word beside it.
    if (region !== null) return requestIn(region, { ...source, random: () => 0.25 }, permit)
  }
  return null
}

/** The same request with one fact after the other drawn anew: what a rule should have asked and did not, shows. */
function drifts(base: Request, { space, random }: RequestSource): Request[] {
  const { listed } = space.vocabulary
  const words: [key: keyof Facts, words: readonly string[]][] = [
    ['unit', listed.Unit],
    ['action', listed.Action],
    ['model', listed.Model],
    ['purpose', listed.Purpose],
    ['surface', listed.Surface],
    ['consumer', listed.Consumer],
    ['stage', listed.Stage],
  ]
  const drifted = words.flatMap(([key, list]) => {
    const word = oneOf(
      list.filter((each) => each !== base.facts[key]),
      random,
    )
    return word === undefined ? [] : [withFacts(base, { [key]: word })]
  })
  const signal = oneOf([...space.vocabulary.all.Signal], random) ?? screeningFailed
  return [...drifted, { ...base, findings: toggled(base.findings, signal) }]
}

type Atom = Exclude<Test, { readonly op: 'all' | 'any' | 'not' | 'true' | 'false' }>

/** The leaves of a test, lists of words taken apart; each with the test as a whole when the leaf is true or false. */
interface AtomInPlace {
  readonly atom: Atom
  readonly whenTrue: Test
  readonly whenFalse: Test
}

export function atomsOf(test: Test): AtomInPlace[] {
  switch (test.op) {
    case 'true':
    case 'false':
      return []
    case 'not':
      return atomsOf(test.test).map((inner) => within(inner, (part) => ({ op: 'not', test: part })))
    case 'all':
    case 'any':
      return test.tests.flatMap((part, i) =>
        atomsOf(part).map((inner) =>
          within(inner, (changed) => ({ op: test.op, tests: test.tests.with(i, changed) })),
        ),
      )
    case 'unit-in':
      return listAtoms(test.units, (unit) => ({ op: 'unit-in', units: [unit] }))
    case 'action-is':
      return listAtoms(test.actions, (action) => ({ op: 'action-is', actions: [action] }))
    case 'provider-in':
      return listAtoms(test.providers, (provider) => ({ op: 'provider-in', providers: [provider] }))
    case 'word-is':
      return listAtoms(test.words, (word) => ({ ...test, words: [word] }))
    case 'unit-is':
    case 'model-is':
    case 'set-has':
    case 'compare':
      return [{ atom: test, whenTrue: { op: 'true' }, whenFalse: { op: 'false' } }]
  }
}

function listAtoms(words: readonly string[], atomOf: (word: string) => Atom): AtomInPlace[] {
  const atoms = words.map(atomOf)
  return atoms.map((atom, i) => ({
    atom,
    whenTrue: { op: 'true' },
    whenFalse: { op: 'any', tests: atoms.filter((_, j) => j !== i) },
  }))
}

function within(inner: AtomInPlace, around: (part: Test) => Test): AtomInPlace {
  return { atom: inner.atom, whenTrue: around(inner.whenTrue), whenFalse: around(inner.whenFalse) }
}

/** Requests in which the rule stands and falls with this one leaf, and at each side of its constant. */
function atomRequests(
  source: RequestSource,
  rule: Rule,
  { atom, whenTrue, whenFalse }: AtomInPlace,
): Request[] {
  const decisive: Test = { op: 'any', tests: [both(whenTrue, whenFalse), both(whenFalse, whenTrue)] }
  const demands: [met: Test[], unmet: Test[]][] = [
    [[decisive, atom], []],
    [[decisive], [atom]],
  ]
  if (atom.op === 'compare') {
    for (const value of [atom.value - 1, atom.value, atom.value + 1]) {
      demands.push([[decisive, { ...atom, comparison: '==', value }], []])
    }
  }
  return demands.flatMap(([met, unmet]) => {
    const region = regionFor(source, rule, met, unmet)
    return region === null ? [] : [requestIn(region, source, rule)]
  })
}

function both(yes: Test, no: Test): Test {
  return { op: 'all', tests: [yes, { op: 'not', test: no }] }
}

/** The same request with all, none and each but one of the approvals that lift the rule. */
function liftedVariants(base: Request, { liftedBy }: Rule): Request[] {
  if (liftedBy.length === 0) return []
  const sets = [
    new Set(liftedBy),
    new Set<string>(),
    ...liftedBy.map((out) => new Set(liftedBy.filter((each) => each !== out))),
  ]
  return sets.map((approvals) => ({ ...base, approvals }))
}

/**
 * The same request with each word and constant that stands in the rule's Cedar text, read from the text and not
 * from the compiled rule: what compiling lost is asked for here.
 */
function literalVariants(base: Request, source: RequestSource, rule: Rule): Request[] {
  const changes = changesIn(rule, source)
  const mixed = Array.from({ length: Math.min(4, changes.length) }, () =>
    changes.filter(() => source.random() < 0.5).reduce((request, change) => change(request), base),
  )
  const families = entityLiterals(cedarTokens(source.agreement.cedar.policies[rule.id] ?? ''))
    .filter((literal) => literal.type === 'Unit')
    .flatMap((literal) => familyVariants(base, literal.id, source))
  return [...changes.map((change) => change(base)), ...mixed, ...families]
}

/** The same request for a unit below and for the one above, alone and in the chain. */
function familyVariants(base: Request, unit: string, { agreement, random }: RequestSource): Request[] {
  const below = agreement.schedule.units.filter(
    (each) => each.id !== unit && agreement.ancestors.get(each.id)?.includes(unit) === true,
  )
  const above = agreement.ancestors.get(unit)?.[1]
  const family = [oneOf(below, random)?.id, above].filter((each) => each !== undefined)
  return family.flatMap((each) => [withFacts(base, { unit: each }), inChain(each)(base)])
}

/** A granted request with all that the rule's text names, one after the other: it fires without being compiled. */
function textRequests(granted: Request, source: RequestSource, rule: Rule): Request[] {
  const changes = changesIn(rule, source)
  const forwards = changes.reduce((request, change) => change(request), granted)
  const backwards = changes.reduceRight((request, change) => change(request), granted)
  return [forwards, backwards]
}

function changesIn(rule: Rule, source: RequestSource): Change[] {
  const tokens = cedarTokens(source.agreement.cedar.policies[rule.id] ?? '')
  const changes = entityLiterals(tokens).map(({ type, id, start }) => {
    const about = tokens.findLast((token) => token.end <= start && unitReaders.has(token.text))
    return about?.text === 'chain' ? inChain(id) : withEntity(type, id, source)
  })
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'number') {
      const about = tokens.findLast(({ text, end }) => end <= token.start && numberReaders.has(text))
      changes.push(...around(Number(token.text), about?.text === 'persons' ? 'persons' : 'committedMicros'))
    }
    if (token.kind === 'text' && tokens[i - 2]?.text === 'datetime') {
      changes.push(...around(Date.parse(token.text.slice(1, -1)), 'time'))
    }
  }
  return changes
}

type Change = (request: Request) => Request

/** Names in a policy's text after which a unit is that of the call, or one of its chain, or no unit at all. */
const unitReaders: ReadonlySet<string> = new Set(['principal', 'chain', 'action', 'resource', 'context'])

function inChain(unit: string): Change {
  return (request) => withFacts(request, { chain: [...request.facts.chain, unit] })
}

/** Names in a policy's text after which a number is compared. */
const numberReaders: ReadonlySet<string> = new Set(['committed', 'persons'])

function around(value: number, key: 'time' | 'committedMicros' | 'persons'): Change[] {
  if (!Number.isSafeInteger(value)) return []
  return [value - 1, value, value + 1].map((near) => (request) => withFacts(request, { [key]: near }))
}

function withEntity(type: string, id: string, { agreement, random }: RequestSource): Change {
  switch (type) {
    case 'Unit':
      return (request) => withFacts(request, { unit: id })
    case 'Action':
      return (request) => withFacts(request, { action: id })
    case 'Model':
      return (request) => withFacts(request, { model: id })
    case 'Provider': {
      const models = agreement.schedule.models.filter((model) => model.provider === id)
      return (request) => withFacts(request, { model: oneOf(models, random)?.id ?? unlisted })
    }
    case 'Purpose':
      return (request) => withFacts(request, { purpose: id })
    case 'Surface':
      return (request) => withFacts(request, { surface: id })
    case 'Consumer':
      return (request) => withFacts(request, { consumer: id })
    case 'Stage':
      return (request) => withFacts(request, { stage: id as Stage })
    case 'Provenance':
      return (request) =>
        withFacts(request, { provenance: [...toggled(new Set(request.facts.provenance), id)] })
    case 'Signal':
      return (request) => ({ ...request, findings: toggled(request.findings, id) })
    default:
      return (request) => ({ ...request, approvals: toggled(request.approvals, id) })
  }
}

function withFacts(request: Request, facts: Partial<Facts>): Request {
  return { ...request, facts: { ...request.facts, ...facts } }
}

function toggled(words: ReadonlySet<string>, word: string): Set<string> {
  return words.has(word) ? new Set([...words].filter((each) => each !== word)) : new Set([...words, word])
}
