// One of several servers. The browser has a random session id in its cookie; the tokens are in Redis, sealed.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { argv, env } from 'node:process'
import { createClient } from 'redis'
import { createAuthClient, isTokenflightError } from 'tokenflight'
import { requestCookies } from 'tokenflight/cookies'
import { redisStorage } from 'tokenflight/redis'
import { refresh } from '../refresh.mjs'

const baseUrl = env['API_URL'] ?? 'http://127.0.0.1:4800'
const secret = env['SESSION_SECRET'] ?? 'change me: openssl rand -base64 32'
const day = 86_400_000

const redis = createClient({
  url: env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
  // while Redis is away, requests are told so at once
  disableOfflineQueue: true,
})
redis.on('error', (error) => console.error(`Redis: ${error.code ?? error.name}`))
await redis.connect()

/** @param {string} key */
const sessionOf = (key) =>
  createAuthClient({
    baseUrl,
    // it lives as long as the request: nobody waits for notices
    storage: redisStorage(redis, { key, ttlMs: 30 * day, secret, changes: false }),
    refresh,
  })

/** @type {Record<string, (auth: ReturnType<typeof sessionOf>) => Promise<[status: number, body: unknown]>>} */
const routes = {
  async 'POST /login'(auth) {
    await auth.signIn(
      await auth.fetch('/auth/login', {
        method: 'POST',
        body: new URLSearchParams({ user: 'alice' }),
        authenticate: false,
      }),
    )
    return [204, undefined]
  },
  async 'GET /profile'(auth) {
    const answer = await auth.fetch('/api/profile')
    return [answer.status, answer.ok ? { user: (await answer.json()).user } : {}]
  },
  async 'POST /logout'(auth) {
    await auth.signOut()
    return [204, undefined]
  },
}

const server = createServer(async (request, response) => {
  const route = `${request.method} ${request.url}`
  // a sign-in gets an id of its own, so that nobody can choose one for somebody else
  const known = route === 'POST /login' ? undefined : requestCookies(request.headers.cookie).get('sid')
  const sid = known ?? randomUUID()
  const [status, body] = await answer(route, sid)
  if (known === undefined) response.setHeader('set-cookie', `sid=${sid}; HttpOnly; SameSite=Lax; Path=/`)
  response.writeHead(status, { 'content-type': 'application/json' }).end(body && JSON.stringify(body))
})

/**
 * @param {string} route
 * @param {string} sid
 * @returns {Promise<[status: number, body: unknown]>}
 */
async function answer(route, sid) {
  const handler = routes[route]
  if (!handler) return [404, {}]
  try {
    return await handler(sessionOf(sid))
  } catch (error) {
    // an outage is no sign-out: the browser keeps its cookie and may try again
    return isTokenflightError(error) && error.retryable ? [503, { code: error.code }] : [500, {}]
  }
}

server.listen(Number(argv[2]), '127.0.0.1', () => {
  const address = server.address()
  console.log(`http://127.0.0.1:${typeof address === 'object' && address?.port}`)
})
