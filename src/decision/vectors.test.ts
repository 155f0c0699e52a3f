import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileAgreement } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { decide } from './decide.ts'
import type { Decision, Facts } from './decision.ts'
import { twoLevelsBody } from './example-agreements.ts'
import { randomFrom } from './random.ts'
import { requestSource, requestsFor } from './requests.ts'
import type { Request } from './requests.ts'

/** What another implementation reads: an agreement file as text, and what must be decided under it. */
interface VectorFile {
  readonly about: string
  readonly agreement: string
  readonly hash: string
  readonly cases: readonly VectorCase[]
}

interface VectorCase {
  readonly facts: Facts
  readonly findings: readonly string[]
  readonly approvals: readonly string[]
  readonly decision: Decision
}

const about =
  'Decisions under one agreement. `time` is in milliseconds since 1970-01-01T00:00:00Z, `committedMicros` in ' +
  'millionths of the currency, `persons` how many were touched. Words that the schedule does not list count as `unlisted`; a chain counts with all ' +
  'ancestors of its members and of the unit. Made by `UPDATE_VECTORS=1 node --test src/decision/vectors.test.ts`.'

const directory = join(import.meta.dirname, '..', '..', 'vectors', 'decisions')

const vectors: Readonly<Record<string, string>> = {
  'sample.json': sampleText(),
  'two-levels.json': sampleText({ body: twoLevelsBody }),
  // Lines of the schedule that make forbids: ends and caps of purposes, delegations, integrators.
  'schedule-lines.json': sampleText({
    lines: {
      purposes:
        '{ care: { until: 2028-01-01T00:00:00Z, clause: "2" }, admin: { persons: { max: 20, days: 30 }, clause: "2" }, policing: { clause: "2" } }',
      delegations: `
  ward-work: { from: ward, to: contractor, until: 2027-06-01T00:00:00Z, clause: "2" }
  clinic-work: { from: clinic, to: department, clause: "2" }`,
      integrators: '{ northgate: { unit: contractor, for: [clinic], clause: "6" } }',
      roles: '{ counsel: { clause: "2" }, reviewers: { clause: "2" } }',
      levels:
        '{ two-person: { quorum: one of counsel and one of reviewers of clinic, clause: "2" }, official: { clause: "2" } }',
    },
  }),
}

function casesOf(agreement: Agreement): VectorCase[] {
  const source = requestSource(agreement, randomFrom(5))
  const requests: Request[] = agreement.rules.flatMap((rule) => requestsFor(source, rule, 1))
  const [first] = requests
  if (first !== undefined) {
    const unjudged: Partial<Facts>[] = [
      { committedMicros: -1 },
      { committedMicros: 0.5 },
      { persons: -1 },
      { time: 1e300 },
      { stage: 'later' as 'answer' },
    ]
    requests.push(...unjudged.map((facts) => ({ ...first, facts: { ...first.facts, ...facts } })))
  }
  return requests.map(({ facts, findings, approvals }) => ({
    facts,
    findings: [...findings].sort(),
    approvals: [...approvals].sort(),
    decision: decide(agreement, facts, findings, approvals),
  }))
}

function vectorText(text: string): string {
  const agreement = requireAgreement(text)
  const { cases, ...head }: VectorFile = {
    about,
    agreement: text,
    hash: agreement.hash,
    cases: casesOf(agreement),
  }
  const lines = cases.map((each) => `    ${JSON.stringify(each)}`)
  return `${JSON.stringify(head, null, 2).replace(/\n\}$/, '')},\n  "cases": [\n${lines.join(',\n')}\n  ]\n}\n`
}

for (const [file, text] of Object.entries(vectors)) {
  const path = join(directory, file)
  if (process.env.UPDATE_VECTORS === '1') {
    mkdirSync(directory, { recursive: true })
    writeFileSync(path, vectorText(text))
  }

  test(`vectors/decisions/${file} is current`, () => {
    assert.equal(readFileSync(path, 'utf8'), vectorText(text))
  })

  test(`decide answers vectors/decisions/${file}`, () => {
    const vector = JSON.parse(readFileSync(path, 'utf8')) as VectorFile
    const { agreement } = compileAgreement(vector.agreement)
    assert.equal(agreement?.hash, vector.hash)
    const verdicts = new Set<string>()
    for (const { facts, findings, approvals, decision } of vector.cases) {
      assert.deepEqual(decide(agreement, facts, new Set(findings), new Set(approvals)), decision)
      verdicts.add(decision.verdict)
    }
    assert.deepEqual([...verdicts].sort(), ['allow', 'deny', 'hold'])
  })
}
