import { fakeAuthorizationServer } from 'tokenflight/testing'

/**
 * What the app signs in to and calls: an authorization server that rotates refresh tokens and ends the session when one is used twice,
 * and an API that refuses as ASP.NET Core's JwtBearer does. It keeps everything in memory, and any password will do.
 * @typedef {import('tokenflight/testing').FakeAuthorizationServerOptions} BackendOptions
 * @param {BackendOptions} [options]
 */
export function createBackend(options) {
  /** @type {{ id: number, title: string, by: string }[]} */
  const notes = [{ id: 1, title: 'Read the README', by: 'tokenflight' }]

  /** @type {Record<string, (user: string) => unknown>} */
  const resources = {
    profile: (user) => ({ title: user, detail: 'signed in at the authorization server' }),
    orders: () => ({ title: '12 orders', detail: '3 of them open' }),
    invoices: () => ({ title: '4 invoices', detail: 'the next one is due on Friday' }),
    messages: () => ({ title: '7 messages', detail: 'a 401 here is JSON of a custom OnChallenge' }),
    reports: () => ({ title: '2 reports', detail: 'an expired token is a 500 here' }),
    notes: () => notes,
  }

  const server = fakeAuthorizationServer({
    apiPath: '/api/',
    cors: true,
    accessTokenTtlMs: 60_000,
    ...options,
    async api(request, { user }) {
      const name = new URL(request.url).pathname.slice('/api/'.length)
      if (name === 'notes' && request.method === 'POST') {
        const { title } = await request.json()
        notes.push({ id: notes.length + 1, title: String(title), by: user })
      }
      return Object.hasOwn(resources, name)
        ? Response.json(resources[name]?.(user))
        : new Response(null, { status: 404 })
    },
  })

  /** @type {Record<string, () => unknown>} */
  const commands = {
    counts: () => server.counts,
    expire: () => server.expireAccessTokens(),
    revoke: () => server.revokeUser('demo'),
    outage: () => server.faults.token.always({ status: 503 }),
    recover: () => server.faults.token.clear(),
  }

  /** @param {Request} request */
  async function handle(request) {
    const { pathname } = new URL(request.url)
    const command = commands[pathname.replace('/control/', '')]
    if (command) return Response.json(command() ?? null, { headers: { 'access-control-allow-origin': '*' } })
    const response = await server.handle(request)
    return response.status === 401 ? refusalOf(pathname, response) : response
  }

  return { server, handle }
}

/**
 * Some endpoints refuse in their own way, as one meets them in the field.
 * @param {string} pathname
 * @param {Response} response
 */
function refusalOf(pathname, response) {
  const headers = new Headers(response.headers)
  const expired = headers.get('www-authenticate')?.includes('expired') === true
  const body = { error: expired ? 'token expired' : 'authentication failed' }
  headers.delete('content-length')
  // a handler of one's own in OnChallenge
  if (pathname === '/api/messages') {
    headers.delete('www-authenticate')
    return Response.json(body, { status: 401, headers })
  }
  // an exception filter that takes the refusal for a fault: see isTokenRefused in auth-client.ts
  if (pathname === '/api/reports') return Response.json(body, { status: 500, headers })
  return response
}
