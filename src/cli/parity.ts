/** `servanda parity`: whether two providers are held to the same terms, and where and why they are not. */
import { compareProviders, comparisonInWords } from '../agreement/index.ts'
import type { Agreement, ChangeGroup, ModelPair, Parity } from '../agreement/index.ts'
import { confirmComparison } from '../decision/index.ts'
import { findAgreementFile, readAgreement } from './agreement-file.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import { witnessRequest } from './diff/witness.ts'
import type { WitnessRequest } from './diff/witness.ts'
import { printableBlock } from './printable.ts'

const usage = `usage: servanda parity A B [--provider-a ID] [--provider-b ID] [--json]

  A, B          agreement files; the same file twice where one agreement has both providers
  --provider-a  the provider under A, needed where A lists several
  --provider-b  the provider under B
  --json        the result as one JSON object, with a request for each difference

  Puts each model of the one in the place of each model of the other and asks whether any decision changes.
  Names, routes, prices and who signs may differ; every other term of the two schedules is told.

Exit code 0: the same terms; 1: not the same; 2: usage, or a file with errors.
`

interface Side {
  readonly file: string
  readonly agreement: Agreement
  readonly provider: string
}

export const parity = command({
  usage,
  operands: { a: 'needed', b: 'needed' },
  options: { 'provider-a': 'optional', 'provider-b': 'optional' },
  run(given, output) {
    const a = readSide(given.a, given['provider-a'], '--provider-a')
    const b = readSide(given.b, given['provider-b'], '--provider-b')
    if (given.a === given.b && a.provider === b.provider) {
      throw new CliError('CLI_USAGE', 'a provider is compared with another one: name two')
    }
    const compared = compareProviders(a, b)
    for (const pair of compared.pairs) confirmPair(a, b, pair)
    const told = joined(compared.pairs.filter(isTold(compared)).map((pair) => differencesOf(a, b, pair)))
    const { same, alone, terms } = compared
    const matrix = compared.pairs.map(({ a: one, b: other, comparison }) => ({
      a: one,
      b: other,
      differences: comparison.regions.length,
    }))
    output.answer({ same, models: matrix, alone, terms, differences: told }, textOf(a, b, compared, told))
    return Promise.resolve(same ? 0 : 1)
  },
})

function readSide(path: string, named: string | undefined, option: string): Side {
  const file = findAgreementFile(path)
  const agreement = readAgreement(file)
  const ids = agreement.schedule.providers.map(({ id }) => id)
  const provider = named ?? (ids.length === 1 ? ids[0] : undefined)
  if (provider === undefined || !ids.includes(provider)) {
    throw new CliError('CLI_USAGE', `${option} is one of ${ids.join(', ')}`)
  }
  return { file, agreement, provider }
}

/** Nothing is said that Cedar has not confirmed, neither a difference nor that there is none. */
function confirmPair(a: Side, b: Side, { asked, comparison }: ModelPair): void {
  confirmComparison(a.agreement, b.agreement, comparison, { models: asked })
}

/** Of a model that has a counterpart, its differences from others are not the matter. */
function isTold({ alone }: Parity): (pair: ModelPair) => boolean {
  return ({ a, b, comparison }) => comparison.regions.length > 0 && (alone.includes(a) || alone.includes(b))
}

interface Difference {
  /** Seen from the one that is put in the place of the other. */
  readonly direction: 'more is allowed' | 'others must approve' | 'less is allowed'
  readonly heading: string
  readonly cases: readonly { readonly says: readonly string[]; readonly request: WitnessRequest }[]
}

/** What one model may not be put in the place of others without. */
interface Differences {
  readonly a: readonly string[]
  readonly b: string
  readonly differences: readonly Difference[]
}

function differencesOf(a: Side, b: Side, { a: one, b: other, asked, comparison }: ModelPair): Differences {
  const { weaker, both, stronger } = comparisonInWords(comparison, a.agreement, b.agreement)
  const told = (direction: Difference['direction'], groups: readonly ChangeGroup[]): Difference[] =>
    groups.map(({ heading, regions }) => ({
      direction,
      heading,
      cases: regions.map(({ sentences: says, region }) => ({
        says,
        request: witnessRequest({ ...region.witness, model: asked.before }),
      })),
    }))
  const differences = [
    ...told('more is allowed', weaker),
    ...told('others must approve', both),
    ...told('less is allowed', stronger),
  ]
  return { a: [one], b: other, differences }
}

/** Models of which the same is to be told are told of once. */
function joined(all: readonly Differences[]): Differences[] {
  const alike = Map.groupBy(all, ({ b, differences }) =>
    JSON.stringify([
      b,
      differences.map(({ direction, heading, cases }) => [direction, heading, cases.map(({ says }) => says)]),
    ]),
  )
  return [...alike.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [{ ...first, a: [first, ...rest].flatMap(({ a }) => a) }],
  )
}

function textOf(
  a: Side,
  b: Side,
  { same, pairs, alone, terms }: Parity,
  told: readonly Differences[],
): string {
  const verdict = same ? 'are held to the same terms' : 'are not held to the same terms'
  const lines = [`\`${a.provider}\` (${a.file}) and \`${b.provider}\` (${b.file}) ${verdict}.`, '']
  for (const { a: one, b: other, comparison } of pairs) {
    const count = comparison.regions.length
    const found = count === 0 ? 'no decision changes' : `${count} ${count === 1 ? 'change' : 'changes'}`
    lines.push(`  ${other} in the place of ${one}: ${found}`)
  }
  if (alone.length > 0) lines.push('', `without a counterpart: ${alone.join(', ')}`)
  for (const { a: ones, b: other, differences } of told) {
    lines.push('', `with ${other} in the place of ${ones.join(' or ')}`)
    for (const { direction, heading, cases } of differences) {
      const [example = ''] = cases.flatMap(({ says }) => says)
      lines.push(`  ${direction}: ${heading}`, `    such as: ${example}`)
    }
  }
  if (terms.length > 0)
    lines.push('', 'other terms', ...terms.map(({ clause, says }) => `  - ${clause} ${says}`))
  return printableBlock(`${lines.join('\n')}\n`)
}
