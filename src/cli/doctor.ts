/** `servanda doctor`: what of this installation is not ready for production, and what to do about it. */
import { existsSync } from 'node:fs'
import { systemClock } from '../base/index.ts'
import { placesOf, readSettings, usedBesideMarker, wasInterrupted } from '../process/index.ts'
import { command } from './command.ts'
import { checks } from './doctor/checks.ts'
import { notReady } from './doctor/finding.ts'
import type { Finding } from './doctor/finding.ts'
import { readInstallation } from './doctor/installation.ts'
import { reachableOf } from './doctor/probe.ts'
import { printableLine } from './printable.ts'

const usage = `usage: servanda doctor [--gate] [--probe] [--json]

  --gate   look at a provider's gate
  --probe  try to connect to the models, past the gate before them
  --json   the result as one JSON object

It reads files and changes none; the gate may run meanwhile. Give it the settings that the gate has.
`

type Named = Finding & { readonly check: string }

/** Exit code 0: ready, as far as can be seen from here; 1: something is not; 2: it could not be read. */
export const doctor = command({
  usage,
  operands: {},
  options: { gate: 'flag', probe: 'flag' },
  async run({ gate, probe }, output) {
    const settings = readSettings(process.env, gate ? 'gate' : 'agency')
    const findings = hasLog(settings)
      ? await examine(settings, probe)
      : [{ check: 'initialisation', ...nothingHere(settings) }]
    const ready = findings.every(({ severity }) => severity !== 'not-ready')
    output.answer({ ready, findings }, report(findings, ready))
    return ready ? 0 : 1
  },
})

type Settings = ReturnType<typeof readSettings>

function hasLog(settings: Settings): boolean {
  return !wasInterrupted(settings) && existsSync(placesOf(settings).database)
}

async function examine(settings: Settings, probe: boolean): Promise<readonly Named[]> {
  const options = { now: systemClock.now(), probe: probe ? reachableOf : null }
  const installation = await readInstallation(settings, options)
  return checks.flatMap(({ id, find }) => find(installation).map((finding) => ({ check: id, ...finding })))
}

function nothingHere(settings: Settings): Finding {
  const { data, role } = settings
  const used = usedBesideMarker(settings)
  if (used !== null) return notReady(used, 'find out who put the marker there')
  const init = role === 'gate' ? '`servanda init --gate`' : '`servanda init`'
  return notReady(
    `nothing is initialised in ${data}, or not to the end`,
    `run ${init}, or name the right directory`,
  )
}

const titles = { 'not-ready': 'not ready', warning: 'warning', note: 'note' } as const

function report(findings: readonly Named[], ready: boolean): string {
  // untrusted: ids of orders, names and paths come from the log, from files and from settings.
  const lines = findings.map(({ check, severity, message, remedy }) =>
    printableLine(`${titles[severity].padEnd(9)}  ${check.padEnd(14)}  ${message}. Remedy: ${remedy}.`),
  )
  const count = findings.filter(({ severity }) => severity === 'not-ready').length
  const end = ready
    ? 'nothing speaks against production that can be seen from here'
    : `${count} ${count === 1 ? 'point is' : 'points are'} not ready for production`
  return [...lines, end, ''].join('\n')
}
