/** The agreements that tests decide by: a small one, and every example of the repository. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Agreement } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'

export interface NamedAgreement {
  readonly name: string
  readonly agreement: Agreement
}

/** Clauses for the sample: two levels asked at once, a unit without those below it, a time of another zone. */
export const twoLevelsBody = `### 4.2 Two levels at once, a time and a unit itself

\`\`\`cedar
forbid (principal == Unit::"clinic", action in [Action::"send", Action::"look-up"], resource)
when { context.time >= datetime("2027-01-01T00:00:00.500+0100") || context.committed == 7 }
unless { context.approvals.contains(Level::"two-person") && context.approvals.contains(Level::"official") };

forbid (principal, action, resource)
when { context.stage == Stage::"answer" && context.provenance.containsAny([Provenance::"own", Provenance::"purchased"]) }
unless { context.purpose == Purpose::"care" };
\`\`\`
`

const root = join(import.meta.dirname, '..', '..')

export function exampleAgreements(): NamedAgreement[] {
  const files = globSync('examples/*/v*.md', { cwd: root }).sort()
  return [
    { name: 'sample', agreement: requireAgreement(sampleText()) },
    { name: 'sample with two levels', agreement: requireAgreement(sampleText({ body: twoLevelsBody })) },
    ...files.map((file) => ({
      name: file,
      agreement: requireAgreement(readFileSync(join(root, file), 'utf8')),
    })),
  ]
}
