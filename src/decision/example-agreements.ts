/** The agreements that tests decide by: a small one, and every example of the repository. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Agreement } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'

export interface NamedAgreement {
  readonly name: string
  readonly agreement: Agreement
}

const root = join(import.meta.dirname, '..', '..')

export function exampleAgreements(): NamedAgreement[] {
  const files = globSync('examples/*/v*.md', { cwd: root }).sort()
  return [
    { name: 'sample', agreement: requireAgreement(sampleText()) },
    ...files.map((file) => ({
      name: file,
      agreement: requireAgreement(readFileSync(join(root, file), 'utf8')),
    })),
  ]
}
