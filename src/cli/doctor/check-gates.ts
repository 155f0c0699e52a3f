/** Two gates in two hands: whether there is another one, whose it is, and whether the model can be had without it. */
import { gateOf } from '../../process/index.ts'
import type { RouteInForce } from '../../standing/index.ts'
import { listed, note, notReady } from './finding.ts'
import type { Check, Finding } from './finding.ts'
import { isLoopbackUrl } from './hosts.ts'
import type { Installation } from './installation.ts'

export const role: Check = {
  id: 'role',
  find({ role: found, settings, places, isComplete }) {
    if (found === settings.role) {
      if (isComplete || found === 'gate') return []
      return [notReady(`${places.callers} is missing: nothing is served without it`, 'restore it')]
    }
    const [is, asked] =
      found === 'gate' ? ['a provider’s gate', 'an agency’s'] : ['an agency’s gate', 'a provider’s']
    return [
      notReady(
        `the log in ${settings.data} is that of ${is}, and it is read as ${asked}`,
        found === 'gate' ? 'ask with --gate' : 'ask without --gate, or name other directories',
      ),
    ]
  },
}

export const gates: Check = {
  id: 'gates',
  find(installation) {
    if (installation.role === 'gate') return []
    const direct = routesOf(installation).filter((route) => gateOfRoute(route, installation) === null)
    if (direct.length === 0) return []
    return [
      notReady(
        `SERVANDA_GATES names no provider’s gate for route ${listed(direct.map(({ route }) => route.id))}: whoever runs this gate is bound by nobody else’s`,
        'let the provider run `servanda gate`, and name its URL in SERVANDA_GATES',
      ),
    ]
  },
}

export const parties: Check = {
  id: 'parties',
  find(installation) {
    const { otherGate } = installation
    const near = gateUrlsOf(installation).filter(isLoopbackUrl)
    const signs = [
      ...(near.length > 0 ? [`the gate at ${near.join(', ')} is on this machine`] : []),
      ...otherGate.data.map((path) => `${path} holds data of the other gate`),
      ...otherGate.keys.map((path) => `keys of the other gate can be read in ${path}`),
    ]
    if (signs.length === 0) return []
    return [
      notReady(
        `one party seems to run both gates: ${signs.join('; ')}`,
        'let each party run its own gate on a machine of its own: who has both can rewrite both logs',
      ),
    ]
  },
}

export const upstreams: Check = {
  id: 'upstreams',
  find(installation) {
    // The agency's gate calls no model where a provider's gate does.
    const called = routesOf(installation).filter((route) => gateOfRoute(route, installation) === null)
    const open = called.filter(({ route }) => isOpenly(route.upstream))
    const openGates = gateUrlsOf(installation).filter(isOpenly)
    return [
      ...(open.length === 0
        ? []
        : [
            notReady(
              `route ${listed(open.map(({ route }) => route.id))} leads to a model over http: credential and content travel in the clear`,
              'let an amendment name an https address',
            ),
          ]),
      ...(openGates.length === 0
        ? []
        : [
            notReady(
              `the gate at ${openGates.join(', ')} is called over http: content travels in the clear`,
              'put a TLS proxy before the gate, and name its https address in SERVANDA_GATES',
            ),
          ]),
    ]
  },
}

function isOpenly(url: string): boolean {
  return url.startsWith('http:') && !isLoopbackUrl(url)
}

export const credentials: Check = {
  id: 'credentials',
  find(installation) {
    const { credentials: read, places } = installation
    if ('failure' in read) return [notReady(read.failure, 'correct the file')]
    const live = routesOf(installation).filter(({ route }) => route.upstream !== 'rehearsal')
    const isDirect = (route: RouteInForce): boolean => gateOfRoute(route, installation) === null
    const lacking = live.filter((one) => isDirect(one) && !read.value.has(one.route.id))
    const needless = live.filter((one) => !isDirect(one) && read.value.has(one.route.id))
    const findings: Finding[] = []
    if (lacking.length > 0) {
      findings.push(
        note(
          `there is no credential for route ${listed(lacking.map(({ route }) => route.id))}`,
          `put it into ${places.upstreamCredentials}, unless the model asks for none: then whoever reaches it may use it`,
        ),
      )
    }
    if (needless.length > 0) {
      findings.push(
        notReady(
          `the credential for route ${listed(needless.map(({ route }) => route.id))} is at hand here, where the provider’s gate should have the only one`,
          `let the provider replace it, and take it out of ${places.upstreamCredentials}`,
        ),
      )
    }
    return findings
  },
}

/** Only with a gate before the model is its being reachable a way past that gate. */
export const reachability: Check = {
  id: 'reachability',
  find(installation) {
    const { reachable } = installation
    if (installation.role === 'gate') return []
    const guarded = routesOf(installation).filter((route) => gateOfRoute(route, installation) !== null)
    if (guarded.every(({ route }) => route.upstream === 'rehearsal')) return []
    if (reachable === null) {
      return [
        note(
          'whether the models can be reached past the provider’s gate was not tried',
          'ask with --probe, on the machines of callers too',
        ),
      ]
    }
    const open = guarded.filter(({ route }) => reachable.includes(route.upstream))
    if (open.length === 0) return []
    return [
      notReady(
        `the model of route ${listed(open.map(({ route }) => route.id))} takes connections from this machine, past the provider’s gate`,
        'let the provider’s network admit its gate alone',
      ),
    ]
  },
}

export const agencyLog: Check = {
  id: 'agency-log',
  find({ role: found, agencyVkey, publishedVkey, places, settings }) {
    if (found !== 'gate') return []
    const path = settings.agencyVkey ?? places.agencyVkey
    if (agencyVkey === null || agencyVkey === '') {
      return [
        notReady(
          `${path} is missing: without the key of the agency’s log no intent can be verified`,
          'ask the agency for its `log.vkey`, and compare it by another way',
        ),
      ]
    }
    if (agencyVkey !== publishedVkey) return []
    return [notReady(`${path} holds the key of this gate’s own log`, 'put the key of the agency’s log there')]
  },
}

function routesOf({ standing }: Pick<Installation, 'standing'>): readonly RouteInForce[] {
  return [...standing.routes.values()]
}

/** A provider's gate calls the models itself. */
function gateOfRoute(
  { model }: RouteInForce,
  { role: found, settings }: Pick<Installation, 'role' | 'settings'>,
): string | null {
  return found === 'gate' ? null : gateOf(settings.gates, model.provider)
}

function gateUrlsOf(installation: Installation): readonly string[] {
  const urls = routesOf(installation).map((route) => gateOfRoute(route, installation))
  return [...new Set(urls.filter((url) => url !== null))]
}
