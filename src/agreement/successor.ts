/** What makes one version of an agreement the next of another. */
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import type { Exclusion, Schedule } from './schedule.ts'
import { upstreamName } from './upstream-name.ts'

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

/** A model or one of its versions, by all that an upstream may know it by. */
interface Named {
  readonly what: 'model' | 'version'
  readonly id: string
  readonly model: string
  readonly provider: string
  /** What the upstream calls it. */
  readonly name: string
  readonly digest?: string
}

/**
 * A model is known by its id, by the names that its upstream knows it and its versions by, and by the digests of its
 * versions; none of them may pass to another provider.
 */
function lostModel(provider: string, previous: Agreement, next: Agreement): string | null {
  const [before, after] = [namedOf(previous.schedule), namedOf(next.schedule)]
  for (const one of before.filter((each) => each.provider === provider)) {
    if (!after.some((each) => isKept(one, each))) {
      return `${one.what} \`${one.id}\` is no longer that of \`${provider}\``
    }
    const copy = after.find(
      (each) =>
        each.provider !== provider &&
        isCopy(one, each) &&
        // Two providers may have called theirs alike all along.
        !before.some((old) => isKept(old, each) && old.digest === each.digest),
    )
    if (copy !== undefined) {
      const known = copy.name === one.name ? one.name : (one.digest ?? '')
      return `${copy.what} \`${copy.id}\` is \`${known}\` under another provider`
    }
  }
  return null
}

function namedOf({ models, versions }: Schedule): Named[] {
  return models.flatMap((model): Named[] => {
    const { id, provider } = model
    const own = versions.filter((version) => version.model === id)
    return [
      { what: 'model', id, model: id, provider, name: upstreamName(model) },
      ...own.map((version): Named => ({
        ...{ what: 'version', id: version.id, model: id, provider, name: upstreamName(model, version) },
        ...(version.digest === undefined ? {} : { digest: version.digest }),
      })),
    ]
  })
}

/** A digest may be added, and not taken away or changed. */
function isKept(old: Named, now: Named): boolean {
  return (
    now.what === old.what &&
    now.id === old.id &&
    now.model === old.model &&
    now.provider === old.provider &&
    now.name === old.name &&
    (old.digest === undefined || now.digest === old.digest)
  )
}

function isCopy(one: Named, other: Named): boolean {
  return other.name === one.name || (one.digest !== undefined && other.digest === one.digest)
}
