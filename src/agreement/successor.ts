/** What makes one version of an agreement the next of another. */
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import type { Exclusion, Model } from './schedule.ts'

/**
 * Throws `SUCCESSOR_ID`, `SUCCESSOR_VERSION` or `SUCCESSOR_PREVIOUS` unless `next` is the same agreement, its
 * version exactly one higher and `previous` the digest of the text before; `SUCCESSOR_EXCLUSION` where an exclusion
 * that only a new agreement ends is gone or narrower.
 */
export function requireSuccessor(previous: Agreement, next: Agreement): void {
  const [before, after] = [previous.schedule, next.schedule]
  if (after.id !== before.id) {
    throw new AgreementError('SUCCESSOR_ID', `\`${after.id}\` is another agreement than \`${before.id}\``)
  }
  if (after.version !== before.version + 1) {
    const message = `version ${after.version} does not follow version ${before.version}`
    throw new AgreementError('SUCCESSOR_VERSION', message)
  }
  if (after.previous !== previous.hash) {
    const message = `version ${after.version} names another text as its previous than version ${before.version}`
    throw new AgreementError('SUCCESSOR_PREVIOUS', message)
  }
  for (const exclusion of before.exclusions) {
    if (exclusion.unlockVia === 'new-agreement') requireStanding(exclusion, previous, next)
  }
}

/**
 * What was excluded stays listed and stays excluded. What is dropped from the schedule would come back a version
 * later under another unit or provider, when nothing remembers where it belonged: so nothing may be dropped.
 */
function requireStanding(exclusion: Exclusion, previous: Agreement, next: Agreement): void {
  const lost =
    lostForbid(exclusion, previous, next) ??
    (exclusion.unit === undefined ? null : lostUnit(exclusion.unit, previous, next)) ??
    (exclusion.provider === undefined ? null : lostModel(exclusion.provider, previous, next))
  if (lost === null) return
  const message = `only a new agreement ends exclusion \`${exclusion.id}\`: in version ${next.schedule.version} ${lost}`
  throw new AgreementError('SUCCESSOR_EXCLUSION', message)
}

/** The line may have another id and stand under another clause; what it forbids, and how it ends, stays. */
function lostForbid(exclusion: Exclusion, previous: Agreement, next: Agreement): string | null {
  const forbid = forbidOf(exclusion, previous)
  const stands = next.schedule.exclusions.some(
    (each) =>
      each.unit === exclusion.unit &&
      each.provider === exclusion.provider &&
      each.unlockVia === 'new-agreement' &&
      forbid !== undefined &&
      forbidOf(each, next) === forbid,
  )
  if (stands) return null
  const what = exclusion.unit === undefined ? 'provider' : 'unit'
  return `no line excludes ${what} \`${exclusion.unit ?? exclusion.provider ?? ''}\` until a new agreement`
}

function forbidOf({ clause, id }: Exclusion, { cedar }: Agreement): string | undefined {
  return cedar.policies[`${clause}#exclusion:${id}`]
}

function lostUnit(unit: string, previous: Agreement, next: Agreement): string | null {
  const members = [...previous.ancestors].filter(([, line]) => line.includes(unit)).map(([id]) => id)
  const lost = members.find((id) => next.ancestors.get(id)?.includes(unit) !== true)
  return lost === undefined ? null : `unit \`${lost}\` no longer belongs to \`${unit}\``
}

/** A model is known by its id and by the name that its upstream knows it by; neither may pass to another provider. */
function lostModel(provider: string, previous: Agreement, next: Agreement): string | null {
  const [before, after] = [previous.schedule.models, next.schedule.models]
  const excluded = before.filter((model) => model.provider === provider)
  for (const model of excluded) {
    const kept = after.some((each) => each.id === model.id && isSameModel(each, model))
    if (!kept) return `model \`${model.id}\` is no longer that of \`${provider}\``
    const copy = after.find(
      (each) =>
        each.provider !== provider &&
        upstreamName(each) === upstreamName(model) &&
        !before.some((old) => old.id === each.id && isSameModel(old, each)),
    )
    if (copy !== undefined) return `model \`${copy.id}\` is \`${upstreamName(model)}\` under another provider`
  }
  return null
}

function isSameModel(a: Model, b: Model): boolean {
  return a.provider === b.provider && upstreamName(a) === upstreamName(b)
}

function upstreamName({ id, name }: Model): string {
  return name ?? id
}
