/** Reads agreement files as the bytes that were signed. */
import { existsSync, globSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { compileAgreement } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { digestOf } from '../base/index.ts'
import type { TextOf } from '../oversight/index.ts'
import { readBounded } from './bounded-file.ts'
import { CliError } from './cli-error.ts'

/** The text of a file whose bytes are valid UTF-8. A byte order mark stays in it, for it changes the digest. */
export function readAgreementText(file: string): string {
  const bytes = readBounded(file)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new CliError('CLI_FILE', `\`${file}\` is not valid UTF-8`, { cause })
  }
}

/** What the file says, whoever has signed it. Throws `CLI_FILE` where it does not compile. */
export function readAgreement(file: string): Agreement {
  const { agreement } = compileAgreement(readAgreementText(file))
  if (agreement !== null) return agreement
  throw new CliError('CLI_FILE', `\`${file}\` is no agreement: run \`servanda check\` on it`)
}

/**
 * The file that is meant: a path as it stands; `examples/department/v2` where `v2.md` lies there; for a directory its
 * highest `v1.md`, `v2.md`, …. What names no file is given back as it is, for whoever reads it to say so.
 */
export function findAgreementFile(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return existsSync(`${path}.md`) ? `${path}.md` : path
  if (!found.isDirectory()) return path
  const versions = readdirSync(path).flatMap((name) => {
    const [, version] = /^v([1-9]\d{0,5})\.md$/.exec(name) ?? []
    return version === undefined ? [] : [Number(version)]
  })
  return versions.length === 0 ? path : join(path, `v${Math.max(...versions)}.md`)
}

/** The texts of these files, and of every `.md` file below these directories, found by their digest. */
export function readTexts(paths: readonly string[]): TextOf {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? globSync('**/*.md', { cwd: path }).map((file) => join(path, file))
      : [path],
  )
  const texts = files.map(readAgreementText)
  const byDigest = new Map(texts.map((text) => [digestOf(text), text]))
  return ({ hash }) => byDigest.get(hash)
}
