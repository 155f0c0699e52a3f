/** Pairs of versions drawn at random: small ones whose situations can all be listed, and whole texts. */
import type { Agreement } from '../agreement.ts'
import { compileAgreement } from '../compile.ts'
import type { OrderedAttribute, Rule, Test } from '../rule.ts'
import { sampleText } from '../sample-agreement.ts'
import { generate, screeningFailed, unlisted } from '../schedule.ts'
import type { Listed, Schedule } from '../schedule.ts'
import { ancestorsOf } from '../vocabulary.ts'
import type { Act, Situation, SituationBox, Span, Words } from './situation-box.ts'

export type Random = () => number

/** What the rules of a small pair speak about, besides what is called; all else has one value. */
export type Live =
  | 'unit'
  | 'chain'
  | 'model'
  | 'purpose'
  | 'surface'
  | 'consumer'
  | 'provenance'
  | 'findings'
  | OrderedAttribute

const lives: readonly Live[] = [
  'unit', 'chain', 'model', 'purpose', 'surface', 'consumer', 'provenance', 'findings', 'time', 'committed', 'persons',
] // prettier-ignore

const pools = {
  units: ['hall', 'annex', 'attic'],
  models: ['large', 'small'],
  providers: ['meridian', 'borealis'],
  purposes: ['care', 'admin'],
  surfaces: ['console'],
  consumers: ['seat', 'batch'],
  provenances: ['own', 'bought'],
  signals: ['watch', 'force'],
  actions: ['send', 'look-up'],
  tools: ['post', 'search'],
  levels: ['one', 'two', 'three'],
} as const
type Pool = keyof typeof pools

const constants = [10, 20]

export interface SmallPair {
  readonly before: Agreement
  readonly after: Agreement
  /** Every situation that the live attributes make up. */
  readonly situations: readonly Situation[]
}

export function smallPair(random: Random): SmallPair {
  const live = new Set(shuffled(lives, random).slice(0, 3))
  // Who makes the call is of the chain as well.
  if (live.has('chain')) live.add('unit')
  const before = smallVersion(live, random)
  // Mostly a version that says much the same, sometimes quite another one.
  const after = random() < 0.3 ? smallVersion(live, random) : amended(before, live, random)
  return { before, after, situations: [...situationsOver(live, [before.schedule, after.schedule])] }
}

function smallVersion(live: ReadonlySet<Live>, random: Random): Agreement {
  const schedule = smallSchedule(random)
  const rules = Array.from({ length: 2 + Math.floor(random() * 5) }, (_, i) =>
    smallRule(schedule, live, i, random),
  )
  return agreementOf(schedule, rules)
}

function amended({ schedule, rules }: Agreement, live: ReadonlySet<Live>, random: Random): Agreement {
  const other = smallSchedule(random)
  const keys = (['units', 'tools', 'models', 'purposes', 'provenances', 'signals'] as const).filter(
    () => random() < 0.3,
  )
  const changed = { ...schedule, ...Object.fromEntries(keys.map((key) => [key, other[key]])) }
  const kept = rules.filter(() => random() < 0.8).filter((rule) => speaksOf(rule.test, changed))
  const added = Array.from({ length: Math.floor(random() * 3) }, (_, i) =>
    smallRule(changed, live, i + 10, random),
  )
  return agreementOf(changed, shuffled([...kept, ...added], random))
}

/** Whether the version lists all signals that the test names: no rule that compiles names another. */
function speaksOf(test: Test, { signals }: Schedule): boolean {
  if (test.op === 'not') return speaksOf(test.test, { signals } as Schedule)
  if (test.op === 'all' || test.op === 'any')
    return test.tests.every((each) => speaksOf(each, { signals } as Schedule))
  return (
    test.op !== 'set-has' ||
    test.attribute !== 'findings' ||
    test.word === screeningFailed ||
    signals.some(({ id }) => id === test.word)
  )
}

function agreementOf(schedule: Schedule, rules: readonly Rule[]): Agreement {
  const clauses = ['1', '2', '3'].map((id) => ({ id, title: id, text: '' }))
  return {
    schedule,
    clauses: new Map(clauses.map((clause) => [clause.id, clause])),
    rules,
    ancestors: ancestorsOf(schedule),
    text: '',
    hash: '',
    cedar: { schema: '', policies: {} },
  }
}

function smallSchedule(random: Random): Schedule {
  const listed = (pool: Pool): Listed[] =>
    pools[pool].filter(() => random() < 0.8).map((id) => ({ id, clause: '1' }))
  const actions = [{ id: generate, clause: '1' }, ...listed('actions')]
  const units = listed('units')
  return {
    id: 'small',
    version: 1,
    title: 'small',
    term: { clause: '1', from: 0, until: 100 },
    duties: [],
    parties: [],
    units: units.map((unit, i) =>
      i > 0 && random() < 0.6 ? { ...unit, in: oneOf(units.slice(0, i), random)?.id ?? '' } : unit,
    ),
    delegations: [],
    integrators: [],
    purposes: listed('purposes'),
    providers: pools.providers.map((id) => ({ id, clause: '1' })),
    models: listed('models').map((model) => ({ ...model, provider: oneOf(pools.providers, random) ?? '' })),
    versions: [],
    routes: [],
    surfaces: listed('surfaces'),
    consumers: listed('consumers'),
    actions,
    tools: listed('tools').map((tool) => ({ ...tool, action: oneOf(actions, random)?.id ?? generate })),
    signals: listed('signals'),
    provenances: listed('provenances'),
    roles: [],
    levels: listed('levels').map((level) => ({ ...level, persons: 1 })),
    exclusions: [],
    norms: [],
  }
}

function smallRule(schedule: Schedule, live: ReadonlySet<Live>, i: number, random: Random): Rule {
  const clause = oneOf(['1', '2', '3'], random) ?? '1'
  const effect = random() < 0.4 ? 'permit' : 'forbid'
  const levels = effect === 'forbid' && random() < 0.5 ? pools.levels.filter(() => random() < 0.5) : []
  return {
    id: `${clause}#${i}`,
    clause,
    effect,
    test: smallTest(schedule, live, 3, random),
    liftedBy: levels,
  }
}

function smallTest(schedule: Schedule, live: ReadonlySet<Live>, depth: number, random: Random): Test {
  const kind = random()
  const part = (): Test => smallTest(schedule, live, depth - 1, random)
  if (depth === 0 || kind < 0.35) return smallLeaf(schedule, live, random)
  if (kind < 0.5) return { op: 'not', test: part() }
  return { op: kind < 0.75 ? 'all' : 'any', tests: Array.from({ length: 2 }, part) }
}

function smallLeaf(schedule: Schedule, live: ReadonlySet<Live>, random: Random): Test {
  const some = (pool: Pool): string[] => {
    const words = [...schedule[pool].map((line) => line.id), unlisted]
    return [oneOf(words, random) ?? unlisted, ...words.filter(() => random() < 0.3)]
  }
  const one = (pool: Pool): string => some(pool)[0] ?? unlisted
  const attribute = oneOf([...live, 'act', 'act'] as const, random) ?? 'act'
  const other = random() < 0.5
  switch (attribute) {
    case 'act':
      if (random() < 0.1) return { op: random() < 0.5 ? 'true' : 'false' }
      return other
        ? { op: 'action-is', actions: some('actions') }
        : {
            op: 'word-is',
            attribute: 'stage',
            words: [oneOf(['request', 'tool', 'answer'], random) ?? 'tool'],
          }
    case 'unit':
      return other ? { op: 'unit-is', unit: one('units') } : { op: 'unit-in', units: some('units') }
    case 'model':
      return other
        ? { op: 'model-is', model: one('models') }
        : { op: 'provider-in', providers: some('providers') }
    case 'purpose':
    case 'surface':
    case 'consumer':
      return { op: 'word-is', attribute, words: some(`${attribute}s`) }
    case 'chain':
      return { op: 'set-has', attribute, word: one('units') }
    case 'provenance':
      return { op: 'set-has', attribute, word: one('provenances') }
    case 'findings': {
      const signals = [...schedule.signals.map(({ id }) => id), screeningFailed]
      return { op: 'set-has', attribute, word: oneOf(signals, random) ?? screeningFailed }
    }
    case 'time':
    case 'committed':
    case 'persons': {
      const comparison = oneOf(['==', '!=', '<', '<=', '>', '>='] as const, random) ?? '<'
      return { op: 'compare', attribute, comparison, value: oneOf(constants, random) ?? 0 }
    }
  }
}

/** Words that neither version lists are all one word, `null`, which comes in beside them. */
function* situationsOver(live: ReadonlySet<Live>, schedules: readonly Schedule[]): Generator<Situation> {
  const known = (pool: Pool): string[] =>
    pools[pool].filter((word) => schedules.some((schedule) => schedule[pool].some(({ id }) => id === word)))
  const words = (key: Live, pool: Pool): Words =>
    live.has(key) ? [...known(pool), null] : [known(pool)[0] ?? null]
  const sets = <T>(key: Live, members: readonly T[]): T[][] => (live.has(key) ? subsetsOf(members) : [[]])
  const numbers = (key: Live): number[] => (live.has(key) ? [9, 10, 11, 19, 20, 21] : [15])
  const acts: Pick<Situation, 'stage' | 'act'>[] = [
    { stage: 'request', act: { call: 'model' } },
    { stage: 'answer', act: { call: 'model' } },
    ...[...known('tools'), null].map((tool) => ({ stage: 'tool', act: { call: 'tool', tool } }) as const),
  ]
  const dimensions: Partial<Situation>[][] = [
    acts,
    words('unit', 'units').map((unit) => ({ unit })),
    sets('chain', [...known('units'), null]).map((chain) => ({ chain })),
    words('model', 'models').map((model) => ({ model })),
    words('purpose', 'purposes').map((purpose) => ({ purpose })),
    words('surface', 'surfaces').map((surface) => ({ surface })),
    words('consumer', 'consumers').map((consumer) => ({ consumer })),
    sets('provenance', [...known('provenances'), null]).map((provenance) => ({ provenance })),
    sets('findings', [...known('signals'), screeningFailed]).map((findings) => ({ findings })),
    numbers('time').map((time) => ({ time })),
    numbers('committed').map((committed) => ({ committed })),
    numbers('persons').map((persons) => ({ persons })),
  ]
  yield* product(dimensions, 0, {})
}

function* product(
  dimensions: readonly Partial<Situation>[][],
  from: number,
  soFar: Partial<Situation>,
): Generator<Situation> {
  const dimension = dimensions[from]
  if (dimension === undefined) yield soFar as Situation
  else for (const part of dimension) yield* product(dimensions, from + 1, { ...soFar, ...part })
}

function subsetsOf<T>(members: readonly T[]): T[][] {
  return members.reduce<T[][]>((sets, member) => [...sets, ...sets.map((set) => [...set, member])], [[]])
}

/** Whether the situation is of the box: the contract once more, read plainly. */
export function isInBox(box: SituationBox, situation: Situation): boolean {
  const word = (words: Words | undefined, one: string | null): boolean => words?.includes(one) ?? true
  const span = (spans: readonly Span[] | undefined, value: number): boolean =>
    spans?.some(({ min = -Infinity, max = Infinity }) => value >= min && value <= max) ?? true
  const members = (key: 'chain' | 'provenance' | 'findings'): boolean => {
    const { has, not } = box[key] ?? { has: [], not: [] }
    const there: Words = situation[key]
    return (
      has.every((list) => list.some((each) => there.includes(each))) &&
      !not.some((each) => there.includes(each))
    )
  }
  const same = (act: Act): boolean => JSON.stringify(act) === JSON.stringify(situation.act)
  return (
    (box.stages?.includes(situation.stage) ?? true) &&
    (box.acts?.some(same) ?? true) &&
    word(box.units, situation.unit) &&
    word(box.models, situation.model) &&
    word(box.purposes, situation.purpose) &&
    word(box.surfaces, situation.surface) &&
    word(box.consumers, situation.consumer) &&
    members('chain') &&
    members('provenance') &&
    members('findings') &&
    span(box.times, situation.time) &&
    span(box.committed, situation.committed) &&
    span(box.persons, situation.persons)
  )
}

function oneOf<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random() * items.length)]
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

/** A version of the sample with words moved and rules of its own, compiled whole. */
export function wholeVersion(random: Random): Agreement {
  for (;;) {
    const { agreement } = compileAgreement(sampleText({ lines: wholeLines(random), body: wholeBody(random) }))
    // Cedar refuses a rule that can never apply, and by chance one is drawn.
    if (agreement !== null) return agreement
  }
}

function wholeLines(random: Random): Record<string, string> {
  const place = (...parents: readonly string[]): string => {
    const parent = oneOf(parents, random) ?? ''
    return parent === '' ? '{ clause: "2" }' : `{ in: ${parent}, clause: "2" }`
  }
  const maybe = (line: string): string => (random() < 0.5 ? line : '')
  const provider = (): string => oneOf(['meridian', 'borealis'], random) ?? 'meridian'
  const action = (): string => oneOf(['look-up', 'send'], random) ?? 'send'
  return {
    units: `
  department: { clause: "2" }
  clinic: ${place('department', '')}
  ward: ${place('clinic', 'department', '')}
  intelligence: ${place('department', 'clinic', '')}
  contractor: ${place('', 'department', 'intelligence')}
${maybe('  annex: { in: clinic, clause: "2" }')}`.trimEnd(),
    models: `
  large: { provider: ${provider()}, clause: "2" }
  small: { provider: meridian, clause: "2" }
  north: { provider: ${provider()}, clause: "2" }`,
    tools: `{ search_documents: { action: ${action()}, clause: "2" }, post: { action: ${action()}, clause: "2" } }`,
    purposes: `{ care: { clause: "2" }, admin: { clause: "2" }, policing: { clause: "2" }${maybe(', study: { clause: "2" }')} }`,
    term: `{ from: 2026-03-01T00:00:00Z, until: ${oneOf(['2030', '2031'], random) ?? ''}-01-01T00:00:00Z, clause: "8" }`,
    amounts: `{ currency: USD, ceiling: 100, allotted: ${oneOf(['10.5', '12'], random) ?? ''}, clause: "8" }`,
    exclusions:
      random() < 0.5
        ? 'absent'
        : '\n  north-models: { provider: borealis, unlockVia: amendment, clause: "6" }',
  }
}

const wholeConditions = [
  () => 'principal in Unit::"clinic"',
  () => 'principal == Unit::"ward"',
  () => 'context.chain.contains(Unit::"intelligence")',
  () => 'context.chain.contains(Unit::"contractor")',
  () => 'resource in Provider::"borealis"',
  () => 'resource == Model::"small"',
  () => 'context.purpose in [Purpose::"care", Purpose::"policing"]',
  () => 'context.purpose == Purpose::"admin"',
  () => 'context.consumer == Consumer::"batch"',
  () => 'context.stage == Stage::"answer"',
  () => 'context.provenance.contains(Provenance::"purchased")',
  (random: Random) => `context.committed > ${1_000_000 * Math.floor(random() * 10)}`,
  (random: Random) => `context.persons >= ${1 + Math.floor(random() * 100)}`,
  (random: Random) => `context.time < datetime("202${7 + Math.floor(random() * 3)}-01-01T00:00:00Z")`,
] as const

function wholeBody(random: Random): string {
  const condition = (): string => {
    const text = oneOf(wholeConditions, random)?.(random) ?? 'true'
    return random() < 0.3 ? `!(${text})` : text
  }
  const finding = (): string =>
    `context.findings.contains(Signal::"${oneOf(['population-watch', 'force-advice'], random) ?? ''}")`
  const clause = (_: unknown, i: number): string => {
    const permits = random() < 0.3
    const parts = Array.from({ length: 1 + Math.floor(random() * 3) }, condition)
    if (!permits && random() < 0.3) parts.push(finding())
    const action = oneOf(
      ['action', 'action == Action::"send"', 'action in [Action::"generate", Action::"look-up"]'],
      random,
    )
    const levels = ['two-person', 'official'].filter(() => random() < 0.5)
    const lifts = levels.map((level) => `context.approvals.contains(Level::"${level}")`).join(' && ')
    return `### 4.${i + 2} Clause\n\n\`\`\`cedar
${permits ? 'permit' : 'forbid'} (principal, ${action ?? 'action'}, resource)
when { ${parts.join(random() < 0.7 ? ' && ' : ' || ')} }${permits || levels.length === 0 ? '' : `\nunless { ${lifts} }`};
\`\`\`\n`
  }
  return Array.from({ length: 8 }, clause).join('\n')
}
