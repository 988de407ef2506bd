/** @typedef {{ from: number, to?: number, status?: number }} Sending one request on the wire; instants in ms of the page; no status: no answer */

/**
 * One request of the app, however often it was sent.
 * @typedef {object} Track
 * @property {import('../session.mjs').ClientName} client
 * @property {string} path
 * @property {number} from
 * @property {number} [to]
 * @property {string} [answer]
 * @property {Sending[]} sendings
 */

/** @typedef {'refreshed' | 'failed' | 'thrown away'} FlightEnd */

/** @typedef {{ id: number, from: number, to?: number, end?: FlightEnd, waiters?: number, over?: boolean, attempts: Sending[] }} Flight `over`: its session is */

/** @typedef {{ at: number, label: string }} Mark */

/** @typedef {{ tracks: Track[], flights: Flight[], marks: Mark[] }} Recording */

/**
 * Watches a session from outside: the `fetch` and the axios adapter it sends with, and its events.
 * @typedef {object} Recorder
 * @property {Recording} recording
 * @property {boolean} busy is a request or a refresh under way?
 * @property {typeof fetch} fetch
 * @property {(adapter: import('axios').AxiosAdapter) => import('axios').AxiosAdapter} wrap
 * @property {(client: import('../session.mjs').ClientName, path: string) => (answer: string) => void} onRequest
 * @property {(auth: import('tokenflight').AuthClient) => void} follow
 * @property {(label: string) => void} mark
 * @property {() => void} clear
 */

/**
 * @param {() => void} onChange
 * @returns {Recorder}
 */
export function createRecorder(onChange) {
  /** @type {Recording} */
  const recording = { tracks: [], flights: [], marks: [] }
  const { tracks, flights, marks } = recording
  const now = () => performance.now()

  /**
   * Where a sending belongs: to the request of this path, or to the refresh under way.
   * @param {string} url
   */
  function sendingsOf(url) {
    const { pathname } = new URL(url)
    if (pathname === '/token') return flights.findLast(isOpen)?.attempts
    return tracks.findLast(({ path }) => path === pathname)?.sendings
  }

  /**
   * @template T
   * @param {string} url
   * @param {() => Promise<T>} send
   * @param {(answer: T) => number} statusOf
   */
  async function record(url, send, statusOf) {
    /** @type {Sending} */
    const sending = { from: now() }
    sendingsOf(url)?.push(sending)
    onChange()
    try {
      const answer = await send()
      sending.status = statusOf(answer)
      return answer
    } catch (error) {
      const status = statusOfError(error)
      if (status !== undefined) sending.status = status
      throw error
    } finally {
      sending.to = now()
      for (const flight of flights) if (flight.over) close(flight, 'thrown away')
      onChange()
    }
  }

  /**
   * @param {Flight | undefined} flight
   * @param {FlightEnd} end
   */
  function close(flight, end) {
    if (!flight || !isOpen(flight) || (end === 'thrown away' && flight.attempts.some(isOpen))) return
    Object.assign(flight, { to: now(), end })
  }

  /**
   * @param {{ flightId: number, waiters: number }} report
   * @param {FlightEnd} end
   */
  function land({ flightId, waiters }, end) {
    const flight = flights.findLast(({ id }) => id === flightId)
    if (flight) flight.waiters = waiters
    close(flight, end)
  }

  /** @param {string} label */
  function mark(label) {
    marks.push({ at: now(), label })
    onChange()
  }

  return {
    recording,
    get busy() {
      return tracks.some(isOpen) || flights.some(isOpen)
    },
    fetch: (input, init) =>
      record(
        input instanceof Request ? input.url : String(input),
        () => fetch(input, init),
        ({ status }) => status,
      ),
    wrap: (adapter) => (config) =>
      record(
        new URL(config.url ?? '', config.baseURL).href,
        () => adapter(config),
        ({ status }) => status,
      ),
    onRequest(client, path) {
      /** @type {Track} */
      const track = { client, path, from: now(), sendings: [] }
      tracks.push(track)
      onChange()
      return (answer) => {
        Object.assign(track, { to: now(), answer })
        onChange()
      }
    },
    follow(auth) {
      auth.on('refreshStarted', ({ flightId: id }) => {
        flights.push({ id, from: now(), attempts: [] })
      })
      auth.on('refreshed', (report) => land(report, 'refreshed'))
      auth.on('refreshFailed', (report) => land(report, 'failed'))
      auth.on('signedOut', ({ reason }) => {
        if (reason !== 'signOut' && reason !== 'replaced') return
        for (const flight of flights.filter(isOpen)) {
          flight.over = true
          close(flight, 'thrown away')
        }
        if (reason === 'signOut') mark('sign-out')
      })
    },
    mark,
    clear() {
      for (const list of [tracks, flights, marks]) list.length = 0
    },
  }
}

/** @param {{ to?: number }} span */
const isOpen = ({ to }) => to === undefined

/** @param {unknown} error */
function statusOfError(error) {
  if (!(error instanceof Error) || !('response' in error)) return undefined
  const { response } = error
  if (typeof response !== 'object' || response === null || !('status' in response)) return undefined
  return Number(response.status)
}
