import { fakeAuthorizationServer, serve } from 'tokenflight/testing'

/**
 * What the servers have counted since the last `reset()`.
 * @typedef {object} Counts
 * @property {number} tokenRequests requests to the token endpoint, those in an outage included
 * @property {number} refreshes that succeeded
 * @property {number} revocations
 * @property {number} requests to the API
 * @property {number} accepted by the API
 * @property {number} refused by the API
 * @property {Record<string, number>} acceptedFor each user
 */

/** @typedef {'refreshAnswers' | 'lateAnswers'} Place where answers can be held: those of the token endpoint, or of the API below /late */

/**
 * What a scene can do to the servers. Everything is a promise, so that a page does the same over HTTP.
 * @typedef {object} Control
 * @property {() => Promise<void>} reset opens the gates, ends an outage, counts from nothing
 * @property {() => Promise<void>} recount counts from nothing
 * @property {() => Promise<void>} expire the access tokens issued so far expire
 * @property {() => Promise<void>} refuse the API refuses the access tokens issued so far, although they are unexpired
 * @property {(on: boolean) => Promise<void>} outage of the authorization server
 * @property {(place: Place) => Promise<void>} hold answers back, once what was asked is done
 * @property {(place: Place, count: number) => Promise<void>} held resolves when so many were held
 * @property {(place: Place) => Promise<void>} release
 * @property {(name: CountName, least: number) => Promise<void>} until resolves when the count is so high
 * @property {() => Promise<Counts>} counts
 */

/** @typedef {Exclude<keyof Counts, 'acceptedFor'>} CountName */

/** @typedef {{ api: string, authorization: string }} Urls */

/**
 * @typedef {object} Servers
 * @property {Urls} urls
 * @property {Control} control
 * @property {(listener: () => void) => () => void} onCount calls back when a count has changed
 * @property {() => Promise<void>} close
 */

/**
 * Starts an authorization server and an API on loopback, an origin each.
 * @param {object} [options]
 * @param {(origin: string) => boolean} [options.cors] which pages may call them
 * @param {number} [options.apiDelayMs] how long the API takes to answer
 * @param {number} [options.tokenDelayMs] how long the token endpoint takes
 * @returns {Promise<Servers>}
 */
export async function startServers({ cors = () => false, apiDelayMs, tokenDelayMs } = {}) {
  const server = fakeAuthorizationServer({ cors })
  const [api, authorization] = await Promise.all([serve(server.handle), serve(server.handle)])
  /** @type {Record<string, number>} */
  let acceptedFor = {}
  /** @type {Map<Place, import('tokenflight/testing').Gate>} */
  const gates = new Map()
  /** @type {Set<() => void>} */
  const listeners = new Set()

  server.onExchange(({ route, refusal, user }) => {
    if (route === 'api' && refusal === undefined && user) acceptedFor[user] = (acceptedFor[user] ?? 0) + 1
    tell()
  })

  /** @returns {Counts} */
  function count() {
    const { tokenRequests, refreshes, revocations } = server.counts
    return { tokenRequests, refreshes, revocations, ...server.counts.api, acceptedFor }
  }

  function recount() {
    server.resetCounts()
    acceptedFor = {}
    tell()
  }

  function tell() {
    for (const listener of listeners) listener()
  }

  /** @param {boolean} on */
  function setOutage(on) {
    // it is the answer that is late: the refresh token has been rotated by then
    server.faults.token.always(
      on ? { status: 503, ...delay(tokenDelayMs) } : delay(tokenDelayMs, { afterActing: true }),
    )
  }

  /** @type {Control} */
  const control = {
    async reset() {
      for (const gate of gates.values()) gate.release()
      gates.clear()
      setOutage(false)
      server.faults.api.always(delay(apiDelayMs))
      recount()
    },
    recount: async () => recount(),
    expire: async () => server.expireAccessTokens(),
    refuse: async () => server.refuseAccessTokens(),
    outage: async (on) => setOutage(on),
    async hold(place) {
      gates.set(
        place,
        place === 'refreshAnswers' ? server.holdTokenRequests(answers) : server.holdApiRequests(lateAnswers),
      )
    },
    held: async (place, count) => gates.get(place)?.arrived(count),
    release: async (place) => gates.get(place)?.release(),
    until: (name, least) =>
      new Promise((resolve) => {
        const look = () => {
          if (count()[name] < least) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
      }),
    counts: async () => count(),
  }
  await control.reset()

  return {
    urls: { api: api.url, authorization: authorization.url },
    control,
    onCount(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      await Promise.all([api.close(), authorization.close()])
    },
  }
}

const answers = { afterActing: true }
const lateAnswers = {
  afterActing: true,
  where: (/** @type {Request} */ request) => new URL(request.url).pathname.startsWith('/late/'),
}

/**
 * @param {number | undefined} delayMs
 * @param {{ afterActing?: boolean }} [timing]
 */
const delay = (delayMs, timing) => (delayMs === undefined ? undefined : { delayMs, ...timing })
