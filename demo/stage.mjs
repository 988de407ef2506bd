import { clientNames, createSession } from './session.mjs'

/** @typedef {Record<string, number>} Answers how often each came: by status, or by the code of the error */

/**
 * What a scene plays with: a new session without a user, and servers that have counted nothing yet.
 * @typedef {object} Stage
 * @property {import('./session.mjs').Session} session
 * @property {import('./servers.mjs').Control} servers
 * @property {number} size requests of a storm
 * @property {(user: string) => Promise<void>} signIn over the network
 * @property {() => Promise<void>} expire the access token, and the client knows
 * @property {(count: number, folder?: string) => Promise<Answers>} send so many requests at once, in turn through fetch, axios and ky
 */

/**
 * @param {object} parts
 * @param {import('./servers.mjs').Urls} parts.urls
 * @param {import('./servers.mjs').Control} parts.control
 * @param {number} parts.size
 * @param {Parameters<typeof createSession>[1]} [parts.own]
 * @param {(client: import('./session.mjs').ClientName, path: string) => (answer: string) => void} [parts.onRequest] told of each request before
 * it is made; what it returns is told the answer
 * @returns {Stage}
 */
export function createStage({ urls, control, size, own, onRequest = () => () => {} }) {
  const session = createSession(urls, own)
  const { auth, get } = session
  let sent = 0

  /** @param {string} folder */
  async function request(folder) {
    const client = clientNames[sent % clientNames.length] ?? 'fetch'
    sent += 1
    const path = `${folder}/${sent}`
    const onAnswer = onRequest(client, path)
    const answer = await answerOf(() => get[client](path))
    onAnswer(answer)
    return answer
  }

  return {
    session,
    servers: control,
    size,
    async signIn(user) {
      const login = { method: 'POST', body: new URLSearchParams({ user }), authenticate: false }
      await auth.signIn(await auth.fetch(`${urls.authorization}/auth/login`, login))
    },
    async expire() {
      await control.expire()
      const tokens = auth.getTokens()
      if (tokens) await auth.setTokens({ ...tokens, issuedAt: Date.now() - 3_600_000, expiresAt: Date.now() - 1_000 })
    },
    async send(count, folder = '/orders') {
      const answers = await Promise.all(Array.from({ length: count }, () => request(folder)))
      return tally(answers)
    },
  }
}

/**
 * What a request came to: its status, or the code of its error.
 * @param {() => Promise<number>} send
 */
async function answerOf(send) {
  try {
    return String(await send())
  } catch (error) {
    return nameOf(error)
  }
}

/** @param {unknown} error of fetch, axios or ky */
function nameOf(error) {
  if (!(error instanceof Error)) return String(error)
  if ('response' in error && hasStatus(error.response)) return String(error.response.status)
  return 'code' in error ? String(error.code) : error.name
}

/**
 * @param {unknown} response
 * @returns {response is { status: number }}
 */
const hasStatus = (response) => typeof response === 'object' && response !== null && 'status' in response

/** @param {readonly string[]} answers */
function tally(answers) {
  /** @type {Answers} */
  const counts = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}
