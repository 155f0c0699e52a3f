/** What is in force: who signed it, how long it holds, what is left of its money, and whether it is stopped. */
import { committedShare, percentOf, shareText } from '../../standing/index.ts'
import type { AgreementInForce } from '../../standing/index.ts'
import { listed, notReady, warning } from './finding.ts'
import type { Check, Finding } from './finding.ts'
import type { Installation } from './installation.ts'

const dayMs = 24 * 60 * 60 * 1000
const endsSoonMs = 60 * dayMs
/** Where the agreement names no share of its own; that of FAR 52.232-22. */
const spentMuchPercent = 75

export const signatures: Check = {
  id: 'signatures',
  find({ standing }) {
    const demo = inForceOf({ standing }).filter((one) => one.demo)
    if (demo.length === 0) return []
    return [
      notReady(
        `demonstration keys, which anyone can make, signed ${listed(demo.map(idOf))}: that binds nobody`,
        'let every party sign with a key of its own, and initialise new directories without --demo',
      ),
    ]
  },
}

export const rehearsal: Check = {
  id: 'rehearsal',
  find({ standing }) {
    const scripted = [...standing.routes.values()].filter(({ route }) => route.upstream === 'rehearsal')
    if (scripted.length === 0) return []
    return [
      notReady(
        `a script and no model answers on route ${listed(scripted.map(({ route }) => route.id))}`,
        'let an amendment name the base URL of a model as the upstream of each route',
      ),
    ]
  },
}

export const term: Check = {
  id: 'term',
  find({ standing, now }) {
    const all = inForceOf({ standing })
    const isOver = (one: AgreementInForce): boolean => now >= one.agreement.schedule.term.until
    const over = all.filter(isOver).map((one) => {
      const message = `the term of \`${idOf(one)}\` ended on ${day(one.agreement.schedule.term.until)}: it denies every call`
      return (all.every(isOver) ? notReady : warning)(
        message,
        'sign an amendment with a new term, if it shall go on',
      )
    })
    const soon = all
      .filter((one) => !isOver(one) && one.agreement.schedule.term.until - now < endsSoonMs)
      .map((one) =>
        warning(
          `the term of \`${idOf(one)}\` ends on ${day(one.agreement.schedule.term.until)}`,
          'sign an amendment in time: from that moment it denies every call',
        ),
      )
    const early = all
      .filter((one) => now < one.agreement.schedule.term.from)
      .map((one) =>
        warning(
          `the term of \`${idOf(one)}\` begins on ${day(one.agreement.schedule.term.from)}: it denies every call`,
          'wait for it, or compare the clock',
        ),
      )
    return [...over, ...soon, ...early]
  },
}

export const money: Check = {
  id: 'money',
  find({ standing, state }) {
    return inForceOf({ standing }).flatMap((one): Finding[] => {
      const { schedule } = one.agreement
      const running = state.intents.filter(({ agreement }) => agreement === schedule.id)
      const bound = running.reduce((sum, { reservedMicros }) => sum + reservedMicros, 0)
      const share = committedShare(schedule, (state.spent.get(schedule.id) ?? 0) + bound)
      if (!share) return []
      const isMuch = share.warningPercent === null ? percentOf(share) >= spentMuchPercent : share.isWarning
      if (!isMuch) return []
      return [warning(shareText(share), 'allot more by an amendment in time: what exceeds it is denied')]
    })
  },
}

export const stops: Check = {
  id: 'stops',
  find({ standing }) {
    return inForceOf({ standing })
      .filter((one) => one.stops.length > 0)
      .map((one) =>
        warning(
          `a stop order is in force over \`${idOf(one)}\` (${one.stops.join(', ')}): it denies every call`,
          '`servanda resume` lifts it with the signatures of every party',
        ),
      )
  },
}

function inForceOf({ standing }: Pick<Installation, 'standing'>): readonly AgreementInForce[] {
  return [...standing.agreements.values()]
}

function idOf({ agreement }: AgreementInForce): string {
  return agreement.schedule.id
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
