/** The language of quorums: `two of reviewers of field-clinics and one of counsel`. */
import type { QuorumPart } from './schedule.ts'

const counts = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
const partForm = /^(\S+) of (\S+)(?: of (\S+))?$/

/**
 * Reads `<count> of <role> [of <unit>] and …`, a count from one to nine in words or digits. Null where the text is
 * none; whether role and unit are listed is not looked at.
 */
export function parseQuorum(text: string): QuorumPart[] | null {
  const parts = text.split(/ and /).map(parsePart)
  return parts.includes(null) ? null : (parts as QuorumPart[])
}

function parsePart(text: string): QuorumPart | null {
  const [, said = '', role = '', unit] = partForm.exec(text.trim().replace(/\s+/g, ' ')) ?? []
  const count = /^[1-9]$/.test(said) ? Number(said) : counts.indexOf(said) + 1
  if (count < 1) return null
  return { count, role, ...(unit === undefined ? {} : { unit }) }
}

export function formatQuorum(parts: readonly QuorumPart[]): string {
  return parts
    .map(({ count, role, unit }) => {
      const what = `${counts[count - 1] ?? count} of ${role}`
      return unit === undefined ? what : `${what} of ${unit}`
    })
    .join(' and ')
}
