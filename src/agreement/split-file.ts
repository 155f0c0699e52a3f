/** Cuts the file into front matter and body. */
import type { Report } from './report.ts'
import { linesOf } from './source-text.ts'
import type { Line } from './source-text.ts'

export interface FileParts {
  readonly yaml: string
  /** Index in the file at which the YAML starts. */
  readonly yamlAt: number
  readonly body: readonly Line[]
}

/** Null where there is no front matter; nothing can be read then. */
export function splitFile(text: string, report: Report): FileParts | null {
  const help = 'begin the file with a line `---`, then the schedule, then a line `---`'
  if (!text.startsWith('---\n')) {
    report({
      code: 'AGREEMENT_FRONT_MATTER',
      at: 0,
      message: 'the file does not begin with front matter',
      help,
    })
    return null
  }
  const end = text.indexOf('\n---\n', 3)
  if (end < 0) {
    report({ code: 'AGREEMENT_FRONT_MATTER', at: 0, message: 'the front matter is not closed', help })
    return null
  }
  const body = linesOf(text, end + 5)
  const first = body.find((line) => line.text.trim() !== '')
  if (first?.text.startsWith('---') === true) {
    report({
      code: 'AGREEMENT_FRONT_MATTER',
      at: first.at,
      message: 'a second front matter follows the first',
      help: 'an agreement has one schedule',
    })
  }
  return { yaml: text.slice(4, end + 1), yamlAt: 4, body }
}
