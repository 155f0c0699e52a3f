/** Plays rehearsal calls in process: the gateway's own exchange over the rehearsal model, with no socket and no disk. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compileAgreement } from '../src/agreement/index.ts'
import type { Agreement, Rule } from '../src/agreement/index.ts'
import { invariant, parseJson } from '../src/base/index.ts'
import { readMet } from '../src/cli/rehearse.ts'
import type { Met, RehearsalCall } from '../src/cli/rehearse.ts'
import { prepare } from '../src/decision/index.ts'
import { parseChatRequest } from '../src/gateway/chat/index.ts'
import { runExchange } from '../src/gateway/exchange.ts'
import { problemBody, problemOf } from '../src/gateway/problem.ts'
import { FakeRecorder, FakeReply, envelopeOf, scene } from '../src/gateway/sample-exchange.fixture.ts'
import { authenticator, issueKeys, parseCallers } from '../src/identity/index.ts'
import type { Authenticate } from '../src/identity/index.ts'
import { screenerFor } from '../src/process/standing-screener.ts'
import { screeningFailed } from '../src/screening/index.ts'
import type { DetectorSession, Screener } from '../src/screening/index.ts'
import type { AgreementInForce, Standing } from '../src/standing/index.ts'
import { buildStanding } from '../src/standing/standing.ts'
import { openUpstream } from '../src/upstream/index.ts'

const here = import.meta.dirname

/** What no caller can bring about and a test can: another time, money that is spent, a detector that is broken. */
export interface Moment {
  readonly time?: string
  /** Spent or reserved already, in the currency of the agreement. */
  readonly committed?: number
  readonly detector?: 'failed'
}

export interface MomentCall extends RehearsalCall {
  readonly moment?: Moment
}

export interface Stage {
  readonly standing: Standing
  readonly screener: Screener
  readonly callers: { readonly keys: ReadonlyMap<string, string>; readonly authenticate: Authenticate }
  /** What every exchange needs and none changes; made once, for its detectors take long to build. */
  readonly deps: ReturnType<typeof scene>['deps']
}

export interface Played extends Met {
  /** Every rule that the entries of the exchange cite, grants too. */
  readonly cited: readonly string[]
}

const now = '2026-11-20T12:00:00Z'

/** The agreements that `npm start` puts in force, with the callers that it registers. */
export async function openStage(): Promise<Stage> {
  const standing = await demoStanding()
  const { deps } = scene(standing, () => ({}))
  return { standing, screener: screenerFor(standing), callers: demoCallers(), deps }
}

async function demoStanding(): Promise<Standing> {
  const files = ['department/v1.md', 'department/v2.md', 'hospital/v1.md', 'ended/v1.md']
  const activations = await Promise.all(
    files.map(async (file, i) => {
      const text = readFileSync(join(here, file), 'utf8')
      const { agreement } = compileAgreement(text)
      invariant(agreement, `${file} compiles`)
      return {
        seq: i + 1,
        time: Date.parse(now),
        text,
        envelope: await envelopeOf(agreement),
        judgedBefore: false,
      }
    }),
  )
  const standing = { orders: [], disputes: [], announced: [], reviewers: [] }
  const answer = { version: 4, origin: 'example.org/log', activations, ...standing }
  return buildStanding(answer, Date.parse(now))
}

function demoCallers(): Stage['callers'] {
  const file = 'demo-callers.json'
  const { callersFile, keys } = issueKeys(readFileSync(join(here, file)), file)
  return { keys, authenticate: authenticator(parseCallers(callersFile, file)) }
}

/** All calls of `rehearsal/`, and those of `moments.json`, which only a test can play. */
export function allCalls(): readonly MomentCall[] {
  const files = readdirSync(join(here, 'rehearsal')).filter((file) => file.endsWith('.json'))
  return [...files.map((file) => join('rehearsal', file)), 'moments.json'].flatMap(
    (file) => JSON.parse(readFileSync(join(here, file), 'utf8')) as readonly MomentCall[],
  )
}

export function agreementOf({ standing }: Stage, id: string): Agreement {
  return inForceOf(standing, id).agreement
}

function inForceOf({ agreements }: Standing, id: string): AgreementInForce {
  const found = agreements.get(id)
  invariant(found, `${id} is in force`)
  return found
}

/** The same with other rules in force: as if they had been compiled from another text. */
export function withRules(stage: Stage, id: string, rules: readonly Rule[]): Stage {
  const { standing } = stage
  const before = inForceOf(standing, id)
  const agreement = { ...before.agreement, rules }
  const inForce = { ...before, agreement, prepared: prepare(agreement) }
  const routes = [...standing.routes].map(
    ([name, route]) => [name, route.inForce === before ? { ...route, inForce } : route] as const,
  )
  const agreements = new Map([...standing.agreements, [id, inForce] as const])
  return { ...stage, standing: { ...standing, agreements, routes: new Map(routes) } }
}

/** Finds nothing in anything: what is stopped all the same is stopped by its structure. */
export const noDetectors: Screener = {
  signals: [],
  versions: [],
  screen: () => Promise.resolve({ findings: [], detectors: [] }),
  open: findsNothing,
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

function findsNothing(): DetectorSession {
  let length = 0
  const judged = (text: string) => ({ findings: [], safeUpTo: (length += text.length) })
  return { push: judged, end: () => judged('') }
}

const brokenDetector: Screener = {
  ...noDetectors,
  screen: (parts) => {
    const found = { score: 1, view: 'normalised', start: 0, end: 0, detector: 'broken@1' }
    return Promise.resolve({
      findings: parts.slice(0, 1).map(({ place }) => ({ ...found, signal: screeningFailed, place })),
      detectors: [{ detector: 'broken@1', outcome: 'failed' }],
    })
  },
}

/** Plays one call and reads what came back as `servanda rehearse` does. */
export async function play(call: MomentCall, stage: Stage): Promise<Played> {
  const { standing, screener, callers, deps } = stage
  const { moment = {} } = call
  const time = Date.parse(moment.time ?? now)
  const clock = { now: () => time }
  const upstream = openUpstream({ upstream: 'rehearsal' }, { clock })
  const reply = new FakeReply([])
  const recorder = recorderAfter((moment.committed ?? 0) * 1e6)
  const exchange = {
    ...deps,
    clock,
    recorder,
    lease: { ...deps.lease, require: () => standing },
    screener: moment.detector === 'failed' ? brokenDetector : screener,
    upstreamOf: () => upstream,
  }
  try {
    const chat = parseChatRequest(parseJson(JSON.stringify(call.body)))
    const arrival = { exchange: 'ex_play', arrivedAt: time, caller: callerOf(call, callers), chat }
    await runExchange(arrival, exchange, reply)
  } catch (error) {
    const problem = problemOf(error)
    invariant(problem.status !== 500, `${call.name}: ${String(error)}`)
    if (reply.started) await reply.event(JSON.stringify(problemBody(problem)))
    else reply.json(problem.status, {}, problemBody(problem))
  }
  const written = [...recorder.admissions, ...recorder.refusals, ...recorder.settlements]
  const cited = written.flatMap(({ leaf }) => ('rules' in leaf ? leaf.rules : []))
  return { ...readMet(responseOf(reply), textOf(reply)), cited: [...new Set(cited)] }
}

/** A recorder in whose log this much is spent already. */
function recorderAfter(spentMicros: number): FakeRecorder {
  const recorder = new FakeRecorder([])
  const reserve = recorder.reserve.bind(recorder)
  recorder.reserve = async (...asked) => {
    const reservation = await reserve(...asked)
    return { ...reservation, committedMicros: spentMicros + reservation.committedMicros }
  }
  return recorder
}

function callerOf({ caller, headers = {} }: RehearsalCall, { keys, authenticate }: Stage['callers']) {
  const selected = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const answer = authenticate(`Bearer ${keys.get(caller) ?? ''}`, {
    unit: selected.get('servanda-unit'),
    purpose: selected.get('servanda-purpose'),
    onBehalfOf: selected.get('servanda-on-behalf-of'),
    provenance: selected.get('servanda-provenance'),
  })
  invariant(answer.ok, `the demonstration registers \`${caller}\``)
  return answer.caller
}

function responseOf({ status, headers, body }: FakeReply): Pick<Response, 'status' | 'ok' | 'headers'> {
  const type = body === null ? 'text/event-stream' : 'application/json'
  const { ok, headers: given } = new Response(null, {
    status: status ?? 500,
    headers: { ...headers, 'content-type': type },
  })
  return { status: status ?? 500, ok, headers: given }
}

function textOf({ body, sent }: FakeReply): string {
  return body === null ? sent.map((data) => `data: ${data}\n\n`).join('') : sent.join('')
}
