/** The vectors for whoever writes another verifier of certificates: each gives here what it says. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isErrorCode, utf8 } from '../base/index.ts'
import { parseLeaf, parseVkey } from '../ledger/index.ts'
import { CertificateError } from './certificate-error.ts'
import { parseCertificate, verifyCertificateSignature, verifyCertificateStatement } from './certificate.ts'
import { exclusionStatement } from './exclusion.ts'

interface Vectors {
  readonly vkey: string
  readonly logs: readonly (readonly string[])[]
  readonly cases: readonly {
    readonly claim: string
    readonly log: number
    readonly certificate: object
    readonly finding: { readonly code: string; readonly member?: string } | null
  }[]
}

const path = join(import.meta.dirname, '../../vectors/certificates/exclusion.json')
const { vkey, logs, cases } = JSON.parse(readFileSync(path, 'utf8')) as Vectors

function verify(certificate: object, log: readonly string[]): void {
  const parsed = parseCertificate(JSON.stringify(certificate))
  verifyCertificateSignature(parsed, [parseVkey(vkey)])
  const entries = log.map((text) => [parseLeaf(utf8(text)), utf8(text)] as const)
  verifyCertificateStatement(parsed, exclusionStatement(entries, parsed.query))
}

for (const { claim, log, certificate, finding } of cases) {
  test(`vectors/certificates: ${claim}`, () => {
    const entries = logs[log] ?? assert.fail('the log is there')
    if (finding === null) {
      verify(certificate, entries)
      return
    }
    assert.throws(
      () => verify(certificate, entries),
      (error) =>
        error instanceof CertificateError &&
        isErrorCode(error, finding.code) &&
        error.member === finding.member,
    )
  })
}
