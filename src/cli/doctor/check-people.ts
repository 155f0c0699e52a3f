/** Callers and reviewers: who could act with a key that others have, and what nobody could ever approve. */
import { createPublicKey } from 'node:crypto'
import { demoKey, rawPublicKey } from '../../base/index.ts'
import type { EnrolledReviewer } from '../../ledger/index.ts'
import { unsatisfiableLevels, unsatisfiableText } from '../../oversight/index.ts'
import type { RegisteredReviewer } from '../../oversight/index.ts'

import { listed, notReady, warning } from './finding.ts'
import type { Check } from './finding.ts'

const expiresSoonMs = 15 * 60 * 1000

export const demoCallers: Check = {
  id: 'demo-callers',
  find({ hasDemoCallerKeys, places }) {
    if (!hasDemoCallerKeys) return []
    return [
      notReady(
        `${places.demoCallerKeys} holds the keys of the callers in the clear`,
        'initialise without --demo, hand each key to its caller, and keep it nowhere else',
      ),
    ]
  },
}

export const demoReviewers: Check = {
  id: 'demo-reviewers',
  find({ registered, standing }) {
    const enrolledKeys = new Set(standing.reviewers.map(({ key }) => key))
    const demo = registered.filter((one) => enrolledKeys.has(one.key) && isDemoKey(one))
    if (demo.length === 0) return []
    return [
      notReady(
        `anyone can make the key of reviewer ${listed(demo.map(({ id }) => id))}, and approve with it`,
        'let each reviewer make a key with `servanda key new`, and enrol that one',
      ),
    ]
  },
}

/** The names under which a demonstration key of a reviewer may have been made. */
function isDemoKey({ id, person, agreement, key }: RegisteredReviewer): boolean {
  const words = [
    id,
    person,
    ...['reviewer', agreement].flatMap((room) => [`${room}/${id}`, `${room}/${person}`]),
  ]
  const names = [...words, ...words.map((word) => `reviewer/${word}`)]
  return names.some((name) => {
    const made = rawPublicKey(createPublicKey(demoKey(name)))
    return Buffer.from(made).toString('base64') === key
  })
}

/** By what is enrolled in the ledger, for that alone counts. */
export const quorum: Check = {
  id: 'quorum',
  find({ role, standing }) {
    if (role === 'gate') return []
    return [...standing.agreements.values()]
      .flatMap(({ agreement }) => unsatisfiableLevels(agreement, standing.reviewers))
      .map((one) =>
        notReady(unsatisfiableText(one), 'list more reviewers in `reviewers.json` and start again'),
      )
  },
}

export const enrolment: Check = {
  id: 'enrolment',
  find({ role, registered, standing, places }) {
    if (role === 'gate') return []
    const shape = (
      one: Pick<EnrolledReviewer, 'key' | 'agreement' | 'levels' | 'roles' | 'unit' | 'callers'>,
    ): string =>
      JSON.stringify([one.key, one.agreement, one.levels, one.roles ?? [], one.unit, one.callers.length])
    const [file, ledger] = [registered.map(shape).sort(), standing.reviewers.map(shape).sort()]
    if (JSON.stringify(file) === JSON.stringify(ledger)) return []
    return [
      warning(
        `${places.reviewers} is not what is enrolled`,
        'start again: reviewers are enrolled at start, and until then those of before decide',
      ),
    ]
  },
}

export const holds: Check = {
  id: 'holds',
  find({ state, now }) {
    const open = state.holds.filter(({ expiresAt }) => expiresAt > now)
    const soon = open.filter(({ expiresAt }) => expiresAt - now < expiresSoonMs)
    if (soon.length === 0) return []
    return [
      warning(
        `${soon.length} of ${open.length} open holds expire within ${expiresSoonMs / 60_000} minutes`,
        'tell the reviewers: `servanda holds list` shows them',
      ),
    ]
  },
}
