/** What every command does alike: it reads its arguments, tells its usage, prints its result and fails. */
import { parseArgs } from 'node:util'
import { messageOf } from '../base/index.ts'
import { CliError } from './cli-error.ts'
import { failure } from './failure.ts'
import type { CliIo } from './io.ts'

/** Runs with the arguments after its name and answers the exit code: 0 good, 1 a finding, 2 usage or bad input. */
export type Command = (args: readonly string[], io: CliIo) => Promise<number>

/** How often an argument is given: an option without value, at most once, once, any number of times, at least once. */
type Kind = 'flag' | 'optional' | 'needed' | 'any' | 'some'
type Kinds = Readonly<Record<string, Kind>>

type Value<K extends Kind> = K extends 'flag'
  ? boolean
  : K extends 'needed'
    ? string
    : K extends 'optional'
      ? string | undefined
      : readonly string[]

type Given<K extends Kinds> = { readonly [Name in keyof K]: Value<K[Name]> }

export interface Output extends CliIo {
  readonly json: boolean
  /** Prints the result: as one JSON object where `--json` was given, else as text. */
  answer(object: object, text: string): void
}

interface CommandSpec<K extends Kinds, O extends Kinds> {
  readonly usage: string
  /** Arguments without a name, in their order; the usage shows them in capitals. */
  readonly operands: K
  /** Besides `--json` and `--help`, which every command has. */
  readonly options: O
  readonly run: (given: Given<K> & Given<O>, output: Output) => Promise<number>
}

export function command<const K extends Kinds, const O extends Kinds>(spec: CommandSpec<K, O>): Command {
  const { usage, operands, options, run } = spec
  return async (args, io) => {
    if (args.includes('--help') || args.includes('-h')) {
      io.out(usage)
      return 0
    }
    try {
      const { values, positionals } = parse(args, { ...options, json: 'flag' })
      // INVARIANT: there is a value of the right kind for every name.
      const given = { ...readOperands(operands, positionals), ...readOptions(options, values) }
      return await run(given as Given<K> & Given<O>, outputTo(io, values['json'] !== undefined))
    } catch (error) {
      return failure(error, io, { usage, json: args.includes('--json') })
    }
  }
}

function outputTo(io: CliIo, json: boolean): Output {
  const answer = (object: object, text: string): void =>
    io.out(json ? `${JSON.stringify(object, null, 2)}\n` : text)
  return {
    out: (text) => io.out(text),
    err: (text) => io.err(text),
    ...(io.ask === undefined ? {} : { ask: io.ask }),
    json,
    answer,
  }
}

interface Parsed {
  /** Every value of an option, in the order given. */
  readonly values: Readonly<Record<string, readonly (string | boolean)[] | undefined>>
  readonly positionals: readonly string[]
}

function parse(args: readonly string[], kinds: Kinds): Parsed {
  const options = Object.entries(kinds).map(([name, kind]) => {
    const type: 'boolean' | 'string' = kind === 'flag' ? 'boolean' : 'string'
    return [name, { type, multiple: true as const }] as const
  })
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: Object.fromEntries(options) })
  } catch (cause) {
    throw new CliError('CLI_USAGE', messageOf(cause), { cause })
  }
}

function readOptions(kinds: Kinds, values: Parsed['values']): object {
  const read = Object.entries(kinds).map(([name, kind]) => {
    return [name, valueOf(kind, values[name] ?? [], `--${name}`)]
  })
  return Object.fromEntries(read) as object
}

function readOperands(kinds: Kinds, positionals: readonly string[]): object {
  const left = [...positionals]
  const read = Object.entries(kinds).map(([name, kind]) => {
    const taken = left.splice(0, kind === 'any' || kind === 'some' ? left.length : 1)
    return [name, valueOf(kind, taken, name.toUpperCase())]
  })
  if (left.length > 0) throw new CliError('CLI_USAGE', `\`${left.join(' ')}\` is more than it takes`)
  return Object.fromEntries(read) as object
}

function valueOf(kind: Kind, given: readonly (string | boolean)[], name: string): Value<Kind> {
  if (kind === 'flag') return given.length > 0
  const texts = given.map(String)
  if (texts.includes('')) throw new CliError('CLI_USAGE', `${name} is empty`)
  if (texts.length === 0 && (kind === 'needed' || kind === 'some')) {
    throw new CliError('CLI_USAGE', `${name} is missing`)
  }
  if (kind === 'any' || kind === 'some') return texts
  if (texts.length > 1) throw new CliError('CLI_USAGE', `${name} is given twice`)
  return texts[0]
}
