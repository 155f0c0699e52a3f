/** A small agreement for tests, with the parts that a test may want to vary. */
import { createPublicKey } from 'node:crypto'
import { demoKey, invariant, rawPublicKey } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import { compileAgreement } from './compile.ts'

export interface SampleParts {
  readonly id?: string
  readonly version?: number
  readonly previous?: string
  readonly agencyKeys?: readonly string[]
  readonly agencyThreshold?: number
  readonly providerKeys?: readonly string[]
  /** Replaces lines of the front matter by their key. */
  readonly lines?: Readonly<Record<string, string>>
  /** Text put after clause 4.1, in place of the sample's own further clauses. */
  readonly body?: string
}

export const sampleBody = `### 4.2 Sending waits

\`\`\`cedar
forbid (principal, action == Action::"send", resource)
unless { context.approvals.contains(Level::"two-person") };
\`\`\`

### 4.3 Batches end with the money

\`\`\`cedar
forbid (principal, action, resource)
when { context.consumer == Consumer::"batch" && context.committed > 5000000 }
unless { context.approvals.contains(Level::"official") };

forbid (principal, action, resource)
when { context.provenance.contains(Provenance::"purchased") && context.stage != Stage::"answer" };
\`\`\`
`

function demoPublicKey(name: string): string {
  return Buffer.from(rawPublicKey(createPublicKey(demoKey(name)))).toString('base64')
}

function frontMatter(parts: SampleParts): Record<string, string> {
  const signers = (keys: readonly string[]): string =>
    `{ ${keys.map((key, i) => `officer${i === 0 ? '' : `-${i + 1}`}: { keys: ["${key}"] }`).join(', ')} }`
  const agencyKeys = parts.agencyKeys ?? [demoPublicKey('sample/agency')]
  const providerKeys = parts.providerKeys ?? [demoPublicKey('sample/provider')]
  return {
    servanda: '1',
    id: parts.id ?? 'sample',
    version: String(parts.version ?? 1),
    ...(parts.previous === undefined ? {} : { previous: parts.previous }),
    title: 'A sample',
    term: '{ from: 2026-03-01T00:00:00Z, until: 2030-01-01T00:00:00Z, clause: "8" }',
    amounts: '{ currency: USD, ceiling: 100, allotted: 10.5, clause: "8" }',
    parties: `
  agency: { role: agency, clause: "1", signers: ${signers(agencyKeys)}, threshold: ${parts.agencyThreshold ?? 1} }
  provider: { role: provider, clause: "1", signers: ${signers(providerKeys)}, threshold: 1 }`,
    units: `
  department: { clause: "2" }
  clinic: { in: department, clause: "2" }
  ward: { in: clinic, clause: "2" }
  intelligence: { in: department, clause: "2" }
  contractor: { clause: "2" }`,
    purposes: '{ care: { clause: "2" }, admin: { clause: "2" }, policing: { clause: "2" } }',
    providers: '{ meridian: { clause: "1" }, borealis: { clause: "1" } }',
    models: `
  large: { provider: meridian, clause: "2" }
  small: { provider: meridian, clause: "2" }
  north: { provider: borealis, clause: "2" }`,
    routes: `
  general: { model: large, upstream: rehearsal, price: { input: 3, output: 0.5 }, outputTokensMax: 4096, clause: "2" }`,
    surfaces: '{ console: { clause: "2" } }',
    consumers: '{ seat: { clause: "2" }, batch: { clause: "2" } }',
    actions: '{ look-up: { clause: "2" }, send: { clause: "2" } }',
    tools: '{ search_documents: { action: look-up, clause: "2" }, post: { action: send, clause: "2" } }',
    signals: '{ population-watch: { clause: "4.1" }, force-advice: { clause: "4.1" } }',
    provenances: '{ own: { clause: "2" }, purchased: { clause: "2" } }',
    levels: '{ two-person: { clause: "2" }, official: { clause: "2" } }',
    exclusions: `
  intelligence-unit: { unit: intelligence, unlockVia: new-agreement, clause: "6" }
  borealis-models: { provider: borealis, unlockVia: amendment, clause: "6" }`,
    norms: '{ directive: { edition: "2023-01-25", clause: "2" } }',
    ...parts.lines,
  }
}

export function sampleText(parts: SampleParts = {}): string {
  const lines = Object.entries(frontMatter(parts)).map(
    ([key, value]) => `${key}:${value.startsWith('\n') ? '' : ' '}${value}`,
  )
  return `---
${lines.filter((line) => !line.endsWith(': absent')).join('\n')}
---

# A sample

## 1 Parties

## 2 Who and what

## 3 Grants

\`\`\`cedar
permit (principal in Unit::"department", action, resource in Provider::"meridian")
when { context.consumer == Consumer::"seat" && context.purpose in [Purpose::"care", Purpose::"admin"] };

permit (principal, action == Action::"generate", resource == Model::"small")
when { context.consumer == Consumer::"batch" && context.purpose == Purpose::"admin" };
\`\`\`

## 4 Prohibitions

### 4.1 Red lines

\`\`\`cedar
forbid (principal, action, resource)
when { context.findings.contains(Signal::"population-watch") };

forbid (principal, action, resource)
when { context.findings.contains(Signal::"force-advice") && context.purpose != Purpose::"care" };
\`\`\`

${parts.body ?? sampleBody}
## 6 Exclusions

## 8 Term and money
`
}

/** Compiles a text that is meant to be good. */
export function requireAgreement(text: string): Agreement {
  const { agreement, diagnostics } = compileAgreement(text)
  invariant(agreement !== null, JSON.stringify(diagnostics, null, 2))
  return agreement
}
