/** Each line of the schedule in plain words. What the words leave out would be missing on paper: every field is told. */
import { formatMicros, formatQuorum } from '../../agreement/index.ts'
import type { Schedule } from '../../agreement/index.ts'

type Keys = keyof Schedule
/** The lists of the schedule, and what stands in each. */
type Lists = {
  [K in Keys as Schedule[K] extends readonly unknown[] ? K : never]: Schedule[K] extends readonly (infer L)[]
    ? L
    : never
}
type Single = 'term' | 'amounts' | 'retention' | 'protected'

/** In the order of the document; `says` is empty where the title says it all. A list without a table does not compile. */
export const listTables: {
  readonly [K in keyof Lists]: {
    readonly title: string
    readonly says: (line: Lists[K], schedule: Schedule) => readonly string[]
  }
} = {
  parties: {
    title: 'Parties',
    says: ({ id, role, threshold, loosening, control, signers }) => [
      `Signs as ${role}.`,
      `Of its ${plural(signers.length, 'signer')}, ${threshold} must sign, and ${loosening} where an amendment loosens something.`,
      ...(control === id ? [] : [`Controlled by ${control}; parties under one control count once.`]),
    ],
  },
  duties: {
    title: 'Duties',
    says: ({ days }) => [
      days === undefined ? 'As the clause says.' : `${plural(days, 'day')}, as the clause says.`,
    ],
  },
  units: {
    title: 'Units',
    says: (unit) => [unit.in === undefined ? 'Belongs to no other unit.' : `Belongs to ${unit.in}.`],
  },
  delegations: {
    title: 'Delegations',
    says: ({ from, to, until }) => [
      `On behalf of ${from}, ${to} may act${until === undefined ? '' : ` until ${instant(until)}`}. Beside ${from} itself, only those named in a delegation may.`,
    ],
  },
  integrators: {
    title: 'Integrators',
    says: ({ unit, for: served }) => [
      served.length === 0
        ? `${unit} may act on nobody's behalf.`
        : `${unit} acts on behalf of ${served.join(', ')}, and of nobody else.`,
    ],
  },
  purposes: {
    title: 'Purposes',
    says: ({ owner, authority, until, persons }) => [
      owner === undefined ? 'Nobody is named who answers for it.' : `Answered for by: ${owner}.`,
      ...(authority === undefined ? [] : [`Rests on: ${authority}.`]),
      ...(until === undefined ? [] : [`Refused from ${instant(until)} on.`]),
      ...(persons === undefined
        ? []
        : [`Touches at most ${grouped(String(persons.max))} persons within ${plural(persons.days, 'day')}.`]),
    ],
  },
  providers: { title: 'Providers', says: () => [] },
  models: {
    title: 'Models',
    says: ({ provider, name }) => [
      `Supplied by ${provider}${name === undefined ? '' : `, which calls it ${name}`}.`,
    ],
  },
  versions: {
    title: 'Versions of models',
    says: ({ model, name, digest }) => [
      `A version of ${model}${name === undefined ? '' : `, called ${name}`}.`,
      ...(digest === undefined ? ['No digest is pinned.'] : [`Digest: ${digest}.`]),
    ],
  },
  routes: {
    title: 'Routes',
    says: ({ model, version, upstream, price, outputTokensMax }, { amounts }) => [
      `Leads to ${model}${version === undefined ? '' : `, version ${version}`}, at ${upstream}.`,
      `A million tokens cost ${money(price.inputMicros, amounts)} in and ${money(price.outputMicros, amounts)} out.`,
      `An answer has at most ${grouped(String(outputTokensMax))} tokens.`,
    ],
  },
  surfaces: { title: 'Surfaces', says: () => [] },
  consumers: { title: 'What consumes an answer', says: () => [] },
  actions: { title: 'Classes of acts', says: () => [] },
  tools: { title: 'Tools', says: ({ action }) => [`A call of it is an act of the class ${action}.`] },
  signals: {
    title: 'Signals',
    says: ({ phrases }) => [
      phrases === undefined
        ? 'Found by detectors of the gateway.'
        : `Found by these phrases: ${phrases.map((phrase) => `“${phrase}”`).join(', ')}.`,
    ],
  },
  provenances: { title: 'Origins of data', says: () => [] },
  roles: {
    title: 'Roles',
    says: ({ holders }) => (holders === undefined ? [] : [`Held by ${plural(holders, 'person')}.`]),
  },
  levels: {
    title: 'Levels of approval',
    says: ({ persons, quorum }) => {
      const distinct = persons > 1 ? ', no one counted twice' : ''
      const who = quorum === undefined ? '' : `: ${formatQuorum(quorum)}`
      return [`${plural(persons, 'person')} must approve${distinct}${who}.`]
    },
  },
  exclusions: {
    title: 'Exclusions',
    says: ({ unit, provider, unlockVia }) => [
      provider === undefined
        ? `${unit ?? ''}, every unit within it, and whoever acts on behalf of any of them, is excluded.`
        : `The provider ${provider} with all its models is excluded.`,
      unlockVia === 'amendment'
        ? 'An amendment may end it.'
        : 'Only a new agreement ends it; no amendment of this one does.',
    ],
  },
  norms: {
    title: 'Norms',
    says: ({ edition, date, digest }) => [
      `Edition: ${edition}.`,
      ...(date === undefined ? [] : [`Dated ${date}.`]),
      ...(digest === undefined ? [] : [`Digest of its text: ${digest}.`]),
    ],
  },
}

/** What stands in the schedule once. */
export const singleLines: {
  readonly [K in Single]: {
    readonly title: string
    readonly says: (line: NonNullable<Schedule[K]>) => readonly string[]
  }
} = {
  term: {
    title: 'Term',
    says: ({ from, until }) => [
      `From ${instant(from)} up to, and not including, ${instant(until)}. Outside it every call is refused.`,
    ],
  },
  amounts: {
    title: 'Amounts',
    says: (amounts) => [
      `At most ${money(amounts.ceilingMicros, amounts)} may ever be allotted.`,
      `Allotted, and so free to be spent, are ${money(amounts.allottedMicros, amounts)}.`,
      ...(amounts.warningPercent === undefined
        ? []
        : [`The parties are told when ${amounts.warningPercent} % of it is committed.`]),
    ],
  },
  retention: { title: 'Retention', says: ({ days }) => [`Records are kept for ${plural(days, 'day')}.`] },
  protected: {
    title: 'Protection',
    says: ({ persons, data }) => [
      `Protected are ${persons.replaceAll('-', ' ')}, in data about them of these kinds: ${data.join(', ')}.`,
    ],
  },
}

/** `1 March 2026, 00:00 UTC` is read in one way everywhere; the time is told to the last part that is not zero. */
export function instant(time: number): string {
  const date = new Date(time)
  const iso = date.toISOString()
  const clock = iso.slice(11, -1).replace(/:00\.000$|\.000$/, '')
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''} ${date.getUTCFullYear()}, ${clock} UTC`
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

function money(micros: number, amounts: Schedule['amounts']): string {
  const [whole = '', fraction] = formatMicros(micros).split('.')
  const amount = `${grouped(whole)}${fraction === undefined ? '' : `.${fraction}`}`
  return amounts === undefined ? amount : `${amount} ${amounts.currency}`
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(?:\d{3})+$)/g, ',')
}

function plural(count: number, noun: string): string {
  return `${grouped(String(count))} ${noun}${count === 1 ? '' : 's'}`
}
