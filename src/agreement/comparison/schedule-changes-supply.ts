/** How what is supplied compares: models, their versions and routes, signals, tools, norms, and what is excluded. */
import type { Agreement } from '../agreement.ts'
import type { Exclusion, Model, ModelVersion, Norm, Route, Signal, Tool } from '../schedule.ts'
import { upstreamName } from '../upstream-name.ts'
import {
  coded,
  counted,
  directionOf,
  largerIsWeaker,
  listedRules,
  money,
  quoted,
  smallerIsWeaker,
} from './schedule-changes-lines.ts'
import type { Difference, LinePair, ListRules, MemberRule, Versions } from './schedule-changes-lines.ts'

/** For a member that says what a thing is: under another one, nobody knows whether more or less is open. */
function exchanged<L>(what: string, format = coded): MemberRule<string | undefined, L> {
  return (before, after, { name }) => ({
    change: 'both',
    says: `${what} of ${name} is ${format(after)}; it was ${format(before)}`,
  })
}

/** For a member that pins what a thing is: pinned later is stronger, let go weaker, pinned elsewhere both. */
function pinned<L>(what: string, format = coded): MemberRule<string | undefined, L> {
  return (before, after, { name }) => ({
    change: directionOf({ stronger: after !== undefined, weaker: before !== undefined }),
    says: `${what} of ${name} is ${format(after)}; it was ${format(before)}`,
  })
}

export const modelRules: ListRules<Model> = {
  noun: 'model',
  gone: (_, name) => ({ change: 'neutral', says: `${name} is no longer listed` }),
  added: ({ provider }, name) => ({ change: 'neutral', says: `${name} of ${coded(provider)} is new` }),
  members: { ...listedRules, provider: exchanged('the provider'), name: exchanged('the name', quoted) },
}

export const versionRules: ListRules<ModelVersion> = {
  noun: 'model version',
  gone: (_, name) => ({ change: 'neutral', says: `${name} is no longer listed` }),
  added: ({ model }, name) => ({ change: 'neutral', says: `${name} of ${coded(model)} is new` }),
  members: {
    ...listedRules,
    model: exchanged('the model'),
    name: exchanged('the name', quoted),
    digest: pinned('the digest'),
  },
}

export const routeRules: ListRules<Route> = {
  noun: 'route',
  gone: ({ model }, name, { after }) => ({
    change: lists(after.schedule.models, model) ? 'stronger' : 'neutral',
    says: `${name} to ${coded(model)} is closed`,
  }),
  added: addedRoute,
  members: {
    ...listedRules,
    model: exchanged('the model'),
    version: pinnedVersion,
    upstream: exchanged('the upstream', quoted),
    price: ({ inputMicros, outputMicros }, price, { name }) => ({
      change: directionOf({
        stronger: price.inputMicros > inputMicros || price.outputMicros > outputMicros,
        weaker: price.inputMicros < inputMicros || price.outputMicros < outputMicros,
      }),
      says: `by ${name} a million tokens count as ${priceInWords(price)}; they counted as ${priceInWords({ inputMicros, outputMicros })}`,
    }),
    outputTokensMax: (before, after, { name }) => ({
      change: largerIsWeaker(before, after),
      says: `an answer by ${name} may have ${after} tokens; it was ${before}`,
    }),
  },
}

/** To a model that was not listed before the regions lead; to one that was, the route is a further way. */
function addedRoute({ model, upstream }: Route, name: string, { before }: Versions): Difference {
  return {
    change: lists(before.schedule.models, model) ? 'weaker' : 'neutral',
    says: `${name} to ${coded(model)} by ${quoted(upstream)} is open`,
  }
}

/** A version named is narrower than its model; where the upstream is asked by another name, another may answer. */
function pinnedVersion(
  before: string | undefined,
  after: string | undefined,
  { name, ...line }: LinePair<Route>,
): Difference {
  const [was, is] = [askedBy(line.before, line.versions.before), askedBy(line.after, line.versions.after)]
  const other = was !== is
  const says = `${name} leads to version ${coded(after)} of its model; it was ${coded(before)}`
  return {
    change: directionOf({ stronger: other || after !== undefined, weaker: other || before !== undefined }),
    says: other ? `${says}, and its upstream is asked for ${quoted(is)} instead of ${quoted(was)}` : says,
  }
}

/** What the upstream of a route is asked for. */
function askedBy(route: Route, { schedule }: Agreement): string {
  const model = schedule.models.find(({ id }) => id === route.model) ?? { id: route.model }
  const version = schedule.versions.find(({ id }) => id === route.version)
  return upstreamName(model, version?.model === route.model ? version : undefined)
}

function priceInWords({ inputMicros, outputMicros }: Route['price']): string {
  return `${money(inputMicros)} in and ${money(outputMicros)} out`
}

function lists(lines: readonly { readonly id: string }[], id: string): boolean {
  return lines.some((line) => line.id === id)
}

export const signalRules: ListRules<Signal> = {
  noun: 'signal',
  gone: (_, name) => ({ change: 'neutral', says: `${name} is no longer listed` }),
  added: (_, name) => ({ change: 'neutral', says: `${name} is new` }),
  members: {
    ...listedRules,
    phrases: (before = [], after = [], { name }) => {
      const [more, less] = [withoutThose(after, before), withoutThose(before, after)]
      const parts = [
        ...(more.length > 0 ? [`is also found by ${phrasesInWords(more)}`] : []),
        ...(less.length > 0 ? [`is no longer found by ${phrasesInWords(less)}`] : []),
      ]
      const says = parts.length > 0 ? parts.join(' and ') : 'has its phrases in another order'
      const change = directionOf({ stronger: more.length > 0, weaker: less.length > 0 })
      return { change, says: `${name} ${says}` }
    },
  },
}

const phrasesToldMax = 3

function phrasesInWords(phrases: readonly string[]): string {
  const told = phrases.slice(0, phrasesToldMax).map(quoted).join(', ')
  const left = phrases.length - phrasesToldMax
  return left > 0 ? `${told} and ${counted(left, 'more phrase', 'more phrases')}` : told
}

function withoutThose(words: readonly string[], others: readonly string[]): string[] {
  return words.filter((word) => !others.includes(word))
}

/**
 * What a call of the tool is judged as: where that changes a decision, a region tells it. That a request shows the tool
 * to a model is refused where it is not listed, and judged by no rule where it is: so a further tool is weaker.
 */
export const toolRules: ListRules<Tool> = {
  noun: 'tool',
  gone: (_, name) => ({
    change: 'stronger',
    says: `${name} is no longer listed, and a request that shows it to a model is refused`,
  }),
  added: ({ action }, name) => ({
    change: 'weaker',
    says: `${name} is new: a request may show it to a model, and a call of it is judged as ${coded(action)}`,
  }),
  members: {
    ...listedRules,
    action: (before, after, { name }) => ({
      change: 'neutral',
      says: `${name} is judged as ${coded(after)}; it was judged as ${coded(before)}`,
    }),
  },
}

export const normRules: ListRules<Norm> = {
  noun: 'norm',
  gone: (_, name) => ({ change: 'weaker', says: `${name} no longer binds` }),
  added: ({ edition }, name) => ({
    change: 'stronger',
    says: `${name} binds in the edition ${quoted(edition)}`,
  }),
  members: {
    ...listedRules,
    edition: exchanged('the edition', quoted),
    date: pinned('the date', quoted),
    digest: pinned('the digest'),
  },
}

/** An exclusion may have another id in the next version: it is known by what it excludes. */
export const exclusionRules: ListRules<Exclusion> = {
  noun: 'exclusion',
  gone: (line, name, { after }) => {
    const twin = after.schedule.exclusions.find((each) => sameTarget(each, line))
    const says = `${name} of ${targetOf(line)}`
    return twin === undefined
      ? { change: 'weaker', says: `${says} is gone` }
      : { change: unlockDirection(line, twin), says: `${says} is now named ${coded(twin.id)}` }
  },
  added: (line, name, { before }) => {
    const twin = before.schedule.exclusions.some((each) => sameTarget(each, line))
    return { change: twin ? 'neutral' : 'stronger', says: `${name} of ${targetOf(line)} is new` }
  },
  members: { ...listedRules, unit: () => null, provider: () => null, unlockVia: () => null },
  whole: ({ name, before, after }) => [
    ...(sameTarget(before, after)
      ? []
      : [
          {
            change: 'both' as const,
            says: `${name} excludes ${targetOf(after)}; it excluded ${targetOf(before)}`,
          },
        ]),
    ...(before.unlockVia === after.unlockVia
      ? []
      : [
          {
            change: unlockDirection(before, after),
            says: `${name} can be ended by ${endOf(after)}; it was by ${endOf(before)}`,
          },
        ]),
  ],
}

function unlockDirection(before: Exclusion, after: Exclusion): Difference['change'] {
  const hardness = ({ unlockVia }: Exclusion): number => (unlockVia === 'new-agreement' ? 1 : 0)
  return smallerIsWeaker(hardness(before), hardness(after))
}

function endOf({ unlockVia }: Exclusion): string {
  return unlockVia === 'amendment' ? 'an amendment' : 'a new agreement only'
}

function sameTarget(a: Exclusion, b: Exclusion): boolean {
  return a.unit === b.unit && a.provider === b.provider
}

function targetOf({ unit, provider }: Exclusion): string {
  return unit === undefined ? `provider ${coded(provider)}` : `unit ${coded(unit)}`
}
