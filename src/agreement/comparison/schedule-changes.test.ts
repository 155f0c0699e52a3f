import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Agreement } from '../agreement.ts'
import { requireAgreement, sampleText } from '../sample-agreement.ts'
import type { Schedule } from '../schedule.ts'
import type { TermChange } from './comparison.ts'
import { scheduleChanges } from './schedule-changes.ts'

type Direction = TermChange['change']
/** What a member of a line becomes, and what that is. */
type Altered<L> = readonly (readonly [change: Partial<Record<keyof L, unknown>>, direction: Direction])[]

const sample = requireAgreement(sampleText())
const until = Date.parse('2027-01-01T00:00:00Z')
const digest = `sha256:${'0'.repeat(64)}`
const place = { clause: '2', title: 'A title' }

/** Every member is there, every list has a line, and every line has every member. */
const whole: { readonly [K in keyof Schedule]-?: NonNullable<Schedule[K]> } = {
  id: 'sample',
  version: 1,
  title: 'A sample',
  previous: digest,
  term: { clause: '8', from: 0, until },
  amounts: {
    clause: '8',
    currency: 'USD',
    ceilingMicros: 100_000_000,
    allottedMicros: 10_500_000,
    warningPercent: 75,
  },
  retention: { clause: '8', days: 365 },
  protected: { clause: '2', persons: 'all-natural-persons', data: ['private', 'purchased', 'public'] },
  duties: [
    { id: 'suspension', clause: '8' },
    { id: 'notice', clause: '8', days: 30 },
    { id: 'cure', clause: '8', days: 30 },
    { id: 'wind-down', clause: '8', days: 30 },
    { id: 'cooling-off', clause: '8', days: 60 },
    { id: 'evidence', clause: '8' },
  ],
  parties: [
    {
      id: 'agency',
      ...place,
      role: 'agency',
      signers: [
        { id: 'officer', title: 'The officer', keys: ['a'] },
        { id: 'counsel', keys: ['b'] },
        { id: 'chief', keys: ['c', 'd'] },
      ],
      threshold: 2,
      loosening: 3,
      control: 'agency',
    },
    {
      id: 'provider',
      clause: '1',
      role: 'provider',
      signers: [{ id: 'only', keys: ['e'] }],
      threshold: 1,
      loosening: 1,
      control: 'provider',
    },
  ],
  units: sample.schedule.units.map((unit) => ({ ...place, ...unit })),
  delegations: [{ id: 'line', ...place, from: 'clinic', to: 'ward', until }],
  integrators: [{ id: 'builder', ...place, unit: 'contractor', for: ['clinic'] }],
  purposes: [
    { id: 'care', ...place, owner: 'Head', authority: 'An act', until, persons: { max: 100, days: 30 } },
  ],
  providers: [{ id: 'meridian', ...place }],
  models: [{ id: 'large', ...place, provider: 'meridian', name: 'Large' }],
  versions: [{ id: 'large-1', ...place, model: 'large', name: 'Large-1', digest }],
  routes: [
    {
      id: 'general',
      ...place,
      model: 'large',
      version: 'large-1',
      upstream: 'rehearsal',
      price: { inputMicros: 3, outputMicros: 5 },
      outputTokensMax: 100,
    },
  ],
  surfaces: [{ id: 'console', ...place }],
  consumers: [{ id: 'seat', ...place }],
  actions: [{ id: 'send', ...place }],
  tools: [{ id: 'post', ...place, action: 'send' }],
  signals: [{ id: 'own', ...place, phrases: ['one', 'two'] }],
  provenances: [{ id: 'purchased', ...place }],
  roles: [{ id: 'reviewers', ...place, holders: 5 }],
  levels: [
    { id: 'two-person', ...place, persons: 2, quorum: [{ count: 2, role: 'reviewers', unit: 'clinic' }] },
  ],
  exclusions: [{ id: 'closed', ...place, unit: 'intelligence', unlockVia: 'new-agreement' }],
  norms: [{ id: 'directive', ...place, edition: '2023', date: '2023-01-25', digest }],
}

function withSchedule(schedule: Partial<Schedule>, of: Agreement = sample): Agreement {
  return { ...of, schedule: { ...whole, ...schedule } }
}

const base = withSchedule({})

function changesOf(schedule: Partial<Schedule>): TermChange[] {
  return scheduleChanges(base, withSchedule(schedule))
}

/** The overall direction of the changes: that of all which are not neutral. */
function directionOf(changes: readonly TermChange[]): Direction {
  const found = new Set(changes.map(({ change }) => change))
  if (found.has('both') || (found.has('weaker') && found.has('stronger'))) return 'both'
  return found.has('weaker') ? 'weaker' : found.has('stronger') ? 'stronger' : 'neutral'
}

const moved = [{ clause: '9' }, 'neutral'] as const
const renamed = [{ title: 'Another' }, 'neutral'] as const
const dropped = [{ title: undefined }, 'neutral'] as const
const listed = [moved, renamed, dropped] as const
const another = { id: 'another', ...place }

type ElementOf<V> = V extends readonly (infer L)[] ? L : never
type ListName = {
  [K in keyof Schedule]-?: Schedule[K] extends readonly unknown[] ? K : never
}[keyof Schedule]

interface ListCase<L> {
  readonly gone: Direction
  /** A line that is new, and what that is. */
  readonly added: readonly [line: L, direction: Direction]
  /** Every member but the id. */
  readonly altered: Altered<L>
  readonly members: readonly (keyof L)[]
}

const lists: { readonly [K in ListName]: ListCase<ElementOf<Schedule[K]>> } = {
  duties: {
    gone: 'weaker',
    added: [{ id: 'evidence', clause: '8' }, 'neutral'],
    members: ['clause', 'days'],
    altered: [moved],
  },
  parties: {
    gone: 'weaker',
    added: [
      { id: 'overseer', clause: '1', role: 'overseer', signers: [], threshold: 1, loosening: 1, control: 'overseer' },
      'stronger',
    ], // prettier-ignore
    members: ['clause', 'title', 'role', 'signers', 'threshold', 'loosening', 'control'],
    altered: [
      ...listed,
      [{ role: 'overseer' }, 'both'],
      [{ control: 'provider' }, 'both'],
      [{ threshold: 1 }, 'weaker'],
      [{ threshold: 3 }, 'stronger'],
      [{ loosening: 2 }, 'weaker'],
    ],
  },
  units: {
    gone: 'neutral',
    added: [another, 'neutral'],
    members: ['clause', 'title', 'in'],
    altered: [...listed, [{ in: 'contractor' }, 'neutral']],
  },
  delegations: {
    gone: 'neutral',
    added: [{ ...another, from: 'clinic', to: 'ward' }, 'neutral'],
    members: ['clause', 'title', 'from', 'to', 'until'],
    altered: [
      ...listed,
      [{ from: 'ward' }, 'neutral'],
      [{ to: 'clinic' }, 'neutral'],
      [{ until: undefined }, 'neutral'],
    ],
  },
  integrators: {
    gone: 'neutral',
    added: [{ ...another, unit: 'contractor', for: [] }, 'neutral'],
    members: ['clause', 'title', 'unit', 'for'],
    altered: [...listed, [{ unit: 'ward' }, 'neutral'], [{ for: ['ward'] }, 'neutral']],
  },
  purposes: {
    gone: 'neutral',
    added: [another, 'neutral'],
    members: ['clause', 'title', 'owner', 'authority', 'until', 'persons'],
    altered: [
      ...listed,
      [{ owner: 'Another' }, 'neutral'],
      [{ authority: undefined }, 'neutral'],
      [{ until: until + 1 }, 'weaker'],
      [{ until: undefined }, 'weaker'],
      [{ until: until - 1 }, 'stronger'],
      [{ persons: { max: 101, days: 30 } }, 'weaker'],
      [{ persons: { max: 100, days: 7 } }, 'weaker'],
      [{ persons: undefined }, 'weaker'],
      [{ persons: { max: 99, days: 365 } }, 'stronger'],
      [{ persons: { max: 99, days: 7 } }, 'both'],
    ],
  },
  providers: {
    gone: 'neutral',
    added: [another, 'neutral'],
    members: ['clause', 'title'],
    altered: listed,
  },
  models: {
    gone: 'neutral',
    added: [{ ...another, provider: 'meridian' }, 'neutral'],
    members: ['clause', 'title', 'provider', 'name'],
    altered: [
      ...listed,
      [{ provider: 'borealis' }, 'both'],
      [{ name: 'Other' }, 'both'],
      [{ name: undefined }, 'both'],
    ],
  },
  versions: {
    gone: 'neutral',
    added: [{ ...another, model: 'large' }, 'neutral'],
    members: ['clause', 'title', 'model', 'name', 'digest'],
    altered: [
      ...listed,
      [{ model: 'small' }, 'both'],
      [{ name: 'Other' }, 'both'],
      [{ digest: `sha256:${'1'.repeat(64)}` }, 'both'],
      [{ digest: undefined }, 'weaker'],
    ],
  },
  routes: {
    gone: 'stronger',
    added: [
      { ...another, model: 'large', upstream: 'rehearsal', price: { inputMicros: 3, outputMicros: 5 }, outputTokensMax: 100 },
      'weaker',
    ], // prettier-ignore
    members: ['clause', 'title', 'model', 'version', 'upstream', 'price', 'outputTokensMax'],
    altered: [
      ...listed,
      [{ model: 'small' }, 'both'],
      [{ version: 'large-2' }, 'both'],
      [{ version: undefined }, 'both'],
      [{ upstream: 'https://models.example' }, 'both'],
      [{ price: { inputMicros: 2, outputMicros: 5 } }, 'weaker'],
      [{ price: { inputMicros: 3, outputMicros: 6 } }, 'stronger'],
      [{ price: { inputMicros: 2, outputMicros: 6 } }, 'both'],
      [{ outputTokensMax: 101 }, 'weaker'],
      [{ outputTokensMax: 99 }, 'stronger'],
    ],
  },
  surfaces: {
    gone: 'neutral',
    added: [another, 'neutral'],
    members: ['clause', 'title'],
    altered: listed,
  },
  consumers: {
    gone: 'neutral',
    added: [another, 'neutral'],
    members: ['clause', 'title'],
    altered: listed,
  },
  actions: {
    gone: 'neutral',
    added: [another, 'neutral'],
    members: ['clause', 'title'],
    altered: listed,
  },
  tools: {
    gone: 'stronger',
    added: [{ ...another, action: 'send' }, 'weaker'],
    members: ['clause', 'title', 'action'],
    altered: [...listed, [{ action: 'look-up' }, 'neutral']],
  },
  signals: {
    gone: 'neutral',
    added: [another, 'neutral'],
    members: ['clause', 'title', 'phrases'],
    altered: [
      ...listed,
      [{ phrases: ['one'] }, 'weaker'],
      [{ phrases: undefined }, 'weaker'],
      [{ phrases: ['one', 'two', 'three'] }, 'stronger'],
      [{ phrases: ['one', 'three'] }, 'both'],
      [{ phrases: ['two', 'one'] }, 'neutral'],
    ],
  },
  provenances: {
    gone: 'neutral',
    added: [another, 'neutral'],
    members: ['clause', 'title'],
    altered: listed,
  },
  roles: {
    gone: 'neutral',
    added: [another, 'neutral'],
    members: ['clause', 'title', 'holders'],
    altered: [
      ...listed,
      [{ holders: 4 }, 'stronger'],
      [{ holders: 6 }, 'weaker'],
      [{ holders: undefined }, 'weaker'],
    ],
  },
  levels: {
    gone: 'neutral',
    added: [{ ...another, persons: 1 }, 'neutral'],
    members: ['clause', 'title', 'persons', 'quorum'],
    altered: [
      ...listed,
      [{ persons: 1, quorum: [{ count: 1, role: 'reviewers', unit: 'clinic' }] }, 'weaker'],
      [{ quorum: undefined }, 'weaker'],
      [{ persons: 3, quorum: undefined }, 'both'],
      [{ quorum: [{ count: 2, role: 'reviewers' }] }, 'weaker'],
      [{ quorum: [{ count: 2, role: 'reviewers', unit: 'ward' }] }, 'stronger'],
      [{ quorum: [{ count: 2, role: 'reviewers', unit: 'department' }] }, 'weaker'],
      [
        {
          quorum: [
            { count: 1, role: 'reviewers', unit: 'clinic' },
            { count: 1, role: 'counsel' },
          ],
        },
        'both',
      ],
      [
        {
          persons: 3,
          quorum: [
            { count: 2, role: 'reviewers', unit: 'clinic' },
            { count: 1, role: 'counsel' },
          ],
        },
        'stronger',
      ],
    ],
  },
  exclusions: {
    gone: 'weaker',
    added: [{ ...another, provider: 'borealis', unlockVia: 'amendment' }, 'stronger'],
    members: ['clause', 'title', 'unit', 'provider', 'unlockVia'],
    altered: [
      ...listed,
      [{ unit: 'ward' }, 'both'],
      [{ unit: undefined, provider: 'borealis' }, 'both'],
      [{ unlockVia: 'amendment' }, 'weaker'],
      [{ id: 'named-anew' }, 'neutral'],
      [{ id: 'named-anew', unlockVia: 'amendment' }, 'weaker'],
    ],
  },
  norms: {
    gone: 'weaker',
    added: [{ ...another, edition: '2026' }, 'stronger'],
    members: ['clause', 'title', 'edition', 'date', 'digest'],
    altered: [
      ...listed,
      [{ edition: '2026' }, 'both'],
      [{ date: '2026-01-01' }, 'both'],
      [{ date: undefined }, 'weaker'],
      [{ digest: undefined }, 'weaker'],
    ],
  },
}

function without(line: object, change: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries({ ...line, ...change }).filter(([, value]) => value !== undefined))
}

for (const name of Object.keys(lists) as ListName[]) {
  const { gone, added, altered, members } = lists[name] as unknown as ListCase<Record<string, unknown>>
  const lines: readonly object[] = whole[name]
  const replaced = (all: readonly object[]): Partial<Schedule> => ({ [name]: all })

  test(`scheduleChanges tells that a line of ${name} is gone`, () => {
    const changes = changesOf(replaced(lines.slice(1)))
    assert.equal(directionOf(changes), gone)
    assert.ok(changes.some(({ line }) => line.startsWith(`${name}/`)))
  })

  test(`scheduleChanges tells that a line of ${name} is new`, () => {
    const [line, direction] = added
    const changes = changesOf(
      replaced([...lines.filter((each) => !('id' in each && each.id === line['id'])), line]),
    )
    assert.equal(directionOf(changes), direction)
    if (name !== 'duties') assert.ok(changes.length > 0)
  })

  test(`scheduleChanges tells every member of a line of ${name} that differs`, () => {
    const told = new Set<string>()
    for (const [change, direction] of altered) {
      const index = name === 'units' ? 1 : 0
      const changes = changesOf(
        replaced(lines.map((line, i) => (i === index ? without(line, change) : line))),
      )
      assert.ok(changes.length > 0, JSON.stringify(change))
      assert.equal(directionOf(changes), direction, `${JSON.stringify(change)} ${JSON.stringify(changes)}`)
      for (const key of Object.keys(change)) told.add(key)
    }
    const elsewhere = { parties: ['signers'], duties: ['days'] } as Readonly<
      Record<string, readonly string[]>
    >
    assert.deepEqual(
      members.filter((member) => !told.has(member) && !elsewhere[name]?.includes(member)),
      [],
    )
  })
}

const singles: { readonly [K in Exclude<keyof Schedule, ListName>]-?: Altered<NonNullable<Schedule[K]>> } = {
  id: [],
  version: [],
  title: [],
  previous: [],
  term: [
    [{ clause: '9' }, 'neutral'],
    [{ from: -1 }, 'weaker'],
    [{ from: 1 }, 'stronger'],
    [{ until: until + 1 }, 'weaker'],
    [{ until: until - 1 }, 'stronger'],
  ],
  amounts: [
    [{ clause: '9' }, 'neutral'],
    [{ currency: 'EUR' }, 'both'],
    [{ ceilingMicros: 200_000_000 }, 'weaker'],
    [{ ceilingMicros: 50_000_000 }, 'stronger'],
    [{ allottedMicros: 11_000_000 }, 'weaker'],
    [{ warningPercent: 80 }, 'weaker'],
    [{ warningPercent: undefined }, 'weaker'],
    [{ warningPercent: 50 }, 'stronger'],
  ],
  retention: [
    [{ clause: '9' }, 'neutral'],
    [{ days: 180 }, 'weaker'],
    [{ days: 366 }, 'stronger'],
  ],
  protected: [
    [{ clause: '9' }, 'neutral'],
    [{ persons: 'us-persons' }, 'weaker'],
    [{ data: ['private', 'purchased'] }, 'weaker'],
    [{ data: ['private', 'purchased', 'public', 'inferred'] }, 'stronger'],
    [{ data: ['private', 'inferred'] }, 'both'],
  ],
}

for (const name of Object.keys(singles) as (keyof typeof singles)[]) {
  test(`scheduleChanges tells what differs in ${name}`, () => {
    const value = whole[name]
    for (const [change, direction] of singles[name] as Altered<object>) {
      const changes = changesOf({ [name]: without(value as object, change) })
      assert.equal(changes.length, 1, JSON.stringify(change))
      assert.equal(directionOf(changes), direction, JSON.stringify(change))
    }
    if (typeof value !== 'object') {
      const other = typeof value === 'number' ? value + 1 : `${value}-other`
      assert.deepEqual(
        changesOf({ [name]: other }).map(({ line, change }) => [line, change]),
        [[name, 'neutral']],
      )
      return
    }
    if (name === 'term') return
    const bare = { ...sample, schedule: without(whole, { [name]: undefined }) as Schedule }
    assert.equal(directionOf(scheduleChanges(base, bare)), 'weaker')
    assert.equal(directionOf(scheduleChanges(bare, base)), 'stronger')
  })
}

test('scheduleChanges tells nothing of one version', () => {
  assert.deepEqual(scheduleChanges(base, base), [])
  assert.deepEqual(scheduleChanges(sample, sample), [])
})

test('scheduleChanges gives each duty its own direction', () => {
  const table: readonly (readonly [string, number | undefined, Direction])[] = [
    ['notice', 10, 'weaker'],
    ['notice', 40, 'stronger'],
    ['cure', 10, 'stronger'],
    ['cure', 40, 'weaker'],
    ['wind-down', 40, 'weaker'],
    ['cooling-off', 59, 'weaker'],
    ['cooling-off', 61, 'stronger'],
    ['notice', undefined, 'both'],
  ]
  for (const [id, days, direction] of table) {
    const duties = whole.duties.map((duty) => (duty.id === id ? without(duty, { days }) : duty))
    assert.equal(directionOf(changesOf({ duties: duties as Schedule['duties'] })), direction, `${id} ${days}`)
  }
  for (const { id } of whole.duties) {
    const changes = changesOf({ duties: whole.duties.filter((duty) => duty.id !== id) })
    assert.deepEqual(
      changes.map(({ change, line }) => [change, line]),
      [['weaker', `duties/${id}`]],
    )
  }
})

test('scheduleChanges takes the cooling-off that acts where none is written', () => {
  const none = whole.duties.filter(({ id }) => id !== 'cooling-off')
  const short = [...none, { id: 'cooling-off' as const, clause: '8', days: 10 }]
  const changes = scheduleChanges(withSchedule({ duties: none }), withSchedule({ duties: short }))
  assert.deepEqual(
    changes.map(({ change, says }) => [change, says]),
    [['weaker', 'the cooling-off before a loosening is 10 days; it was 30 days, since nothing is written']],
  )
})

type Signers = readonly (readonly [id: string, ...keys: string[]])[]

test('scheduleChanges compares who may sign exactly', () => {
  const policy = (threshold: number, signers: Signers): Agreement => {
    const [agency, ...others] = whole.parties
    const listedSigners = signers.map(([id, ...keys]) => ({ id, keys }))
    const party = { ...agency!, threshold, loosening: threshold, signers: listedSigners }
    return withSchedule({ parties: [party, ...others] })
  }
  const [a, b, c]: Signers = [['a', '1'], ['b', '2'], ['c', '3']] // prettier-ignore
  const table: readonly (readonly [number, Signers, number, Signers, Direction])[] = [
    [1, [a!], 1, [a!, b!], 'weaker'],
    [1, [a!, b!], 1, [a!], 'stronger'],
    [1, [a!], 2, [a!, b!], 'stronger'],
    [2, [a!, b!], 2, [a!, b!, c!], 'weaker'],
    [2, [a!, b!], 3, [a!, b!, c!], 'stronger'],
    [1, [a!], 1, [b!], 'both'],
    [2, [a!, b!], 2, [a!, c!], 'both'],
    [1, [a!], 1, [['a', '9']], 'both'],
    [1, [a!], 1, [['a', '1', '9']], 'weaker'],
    [1, [['a', '1', '9']], 1, [a!], 'stronger'],
  ]
  for (const [was, before, is, after, direction] of table) {
    const changes = scheduleChanges(policy(was, before), policy(is, after))
    assert.equal(directionOf(changes), direction, JSON.stringify([was, before, is, after, changes]))
  }
})

test('scheduleChanges tells that units were put below one that a quorum names', () => {
  const grown: Agreement = {
    ...base,
    ancestors: new Map([...base.ancestors, ['contractor', ['contractor', 'clinic', 'department']]]),
  }
  const line = { line: 'levels/two-person', clause: '2' }
  const says =
    'level `two-person` asks for 2 of role `reviewers` of `clinic`, and other units now belong to those that it names'
  assert.deepEqual(scheduleChanges(base, grown), [{ change: 'weaker', ...line, says }])
  assert.deepEqual(scheduleChanges(grown, base), [{ change: 'stronger', ...line, says }])
})

test('scheduleChanges follows protected persons that are not part of one another', () => {
  const persons = (kind: NonNullable<Schedule['protected']>['persons']): Agreement =>
    withSchedule({ protected: { ...whole.protected, persons: kind } })
  const direction = (before: Agreement, after: Agreement): Direction =>
    directionOf(scheduleChanges(before, after))
  assert.equal(direction(persons('us-persons'), persons('persons-in-territory')), 'both')
  assert.equal(direction(persons('us-persons'), persons('all-natural-persons')), 'stronger')
})

test('scheduleChanges opens a further way to a model that was listed, and leaves a new model to the regions', () => {
  const [route] = whole.routes
  const added = (model: string): Direction =>
    directionOf(changesOf({ routes: [route!, { ...route!, id: 'new', model }] }))
  assert.equal(added('large'), 'weaker')
  assert.equal(added('unheard-of'), 'neutral')
})

test('scheduleChanges says that a day on which something ends does not belong to it', () => {
  const says = (schedule: Partial<Schedule>): string[] => changesOf(schedule).map((change) => change.says)
  const [purpose] = whole.purposes
  const end = Date.parse('2028-05-01T00:00:00Z')
  assert.match(
    says({ term: { ...whole.term, until: end } })[0] ?? '',
    /^the term ends at the beginning of 2028-05-01; /,
  )
  assert.match(
    says({ purposes: [{ ...purpose!, until: end + 60_000 }, ...whole.purposes.slice(1)] })[0] ?? '',
    / ends at 2028-05-01T00:01:00Z; it was to end at /,
  )
})

test('scheduleChanges takes a version for narrower only where the upstream is asked by the same name', () => {
  const [route] = whole.routes
  const routed = (version: string | undefined, name: string | undefined): Agreement =>
    withSchedule({
      models: [{ id: 'large', clause: '2', provider: 'meridian', name: 'Meridian/Large' }],
      versions: [{ id: 'large-1', clause: '2', model: 'large', ...(name === undefined ? {} : { name }) }],
      routes: [without(route!, { version }) as Schedule['routes'][number]],
    })
  const direction = (name: string | undefined): Direction =>
    directionOf(scheduleChanges(routed(undefined, name), routed('large-1', name)))
  assert.equal(direction(undefined), 'stronger')
  assert.equal(direction('Meridian/Large'), 'stronger')
  assert.equal(direction('Meridian/Large-unaligned'), 'both')
})
