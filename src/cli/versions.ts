/** The version that a command is about, and the one before it, from their files. */
import { requireSignable, requireSuccessor } from '../agreement/index.ts'
import type { Agreement, Amendment } from '../agreement/index.ts'
import { readAgreement, readAgreementText } from './agreement-file.ts'
import { CliError } from './cli-error.ts'

export interface Versions {
  readonly agreement: Agreement
  /** The version before; absent exactly for version 1. */
  readonly previous: Agreement | undefined
}

/**
 * Throws `AGREEMENT_UNSIGNABLE` where `servanda check` finds an error in the version, what `requireSuccessor` throws
 * where the other is not the one before, `CLI_USAGE` where that is not named, and `CLI_FILE`.
 */
export function readVersions(file: string, previousFile: string | undefined): Versions {
  const agreement = requireSignable(readAgreementText(file))
  const { id, version } = agreement.schedule
  if (previousFile === undefined) {
    if (version === 1) return { agreement, previous: undefined }
    const message = `version ${version} of \`${id}\` amends version ${version - 1}, whose parties sign too: name that file with --previous`
    throw new CliError('CLI_USAGE', message)
  }
  const previous = readAgreement(previousFile)
  requireSuccessor(previous, agreement)
  return { agreement, previous }
}

/** One sentence without full stop. */
export function verdictText(amendment: Amendment | null, previous: Agreement | undefined): string {
  if (amendment === null || previous === undefined) return 'it is the first version'
  const compared = `compared with version ${previous.schedule.version}`
  const places = `${amendment.looser} place${amendment.looser === 1 ? '' : 's'}`
  switch (amendment.verdict) {
    case 'equivalent':
      return `${compared} nothing that is decided or owed changes; what its prose changes is for you to read`
    case 'stronger':
      return `${compared} it tightens and loosens nothing`
    case 'weaker':
      return `${compared} it LOOSENS what was agreed, in ${places}`
    case 'both':
      return `${compared} it tightens in some places and LOOSENS what was agreed in ${places}`
    case 'unknown':
      return `it differs from version ${previous.schedule.version} in too many ways to compare, so it counts as one that LOOSENS`
  }
}
