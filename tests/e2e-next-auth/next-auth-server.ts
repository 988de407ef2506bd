import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { NextAuthOptions } from 'next-auth'
import { createNextAuthServer } from '../../src/frameworks/next-auth/server'
import { fakeAuthorizationServer, serve } from '../../src/testing'
import { freshTokens, type Jwt, shown } from './callbacks'
import { withNextAuth4 } from './next-auth-4'

export type Version = 4 | 5

/** One request to next-auth's routes that waits with its answer, which is made already. */
export interface Held {
  /** Resolves when it has come, and its answer was made. */
  readonly arrived: Promise<void>
  release(): void
}

export interface ServerOptions {
  /** @defaultValue `localhost` */
  readonly host?: string
  /** The callbacks of tokenflight/next-auth/server, instead of some that refresh only when they are asked to. */
  readonly serverHalf?: boolean
}

export type NextAuthServer = Awaited<ReturnType<typeof startNextAuth>>

type Handler = (request: Request) => Promise<Response>

/** Pages, the API under `/data`, and the real next-auth, which refreshes at a server that ends the family when a refresh token is used twice. */
export async function startNextAuth(
  version: Version,
  page: string,
  { host = 'localhost', serverHalf = false }: ServerOptions = {},
) {
  process.env['AUTH_TRUST_HOST'] = 'true'
  const authorization = fakeAuthorizationServer({
    apiPath: '/data',
    reuse: 'revokeFamily',
    // the server half shares what it refreshed within the process, by the refresh token
    tokenPrefix: `${crypto.randomUUID()}-`,
  })
  const refreshTokens: string[] = []
  const refresh = (refreshToken: string): Promise<Response> => {
    refreshTokens.push(refreshToken)
    return authorization.fetch('https://authorization.example/token', {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    })
  }
  const secret = 'a secret of these tests, long enough for both'
  const sessions = createNextAuthServer({
    baseUrl: 'https://api.example.com',
    secret,
    refresh: ({ refreshToken }) => refresh(refreshToken),
    refreshRetries: 0,
    onError() {},
  })
  const ownCallbacks = {
    jwt: ({ token, user, trigger, session }: { token: Jwt; user?: object; trigger?: string; session?: unknown }) =>
      freshTokens({ token, user, isAsked: trigger === 'update' && isAsked(session), refresh }),
    session: shown,
  }
  const options = {
    secret,
    providers: [
      {
        id: 'credentials',
        type: 'credentials' as const,
        name: 'name',
        credentials: { user: {} },
        authorize: ({ user }: { user?: string } = {}) => ({
          id: user ?? '',
          name: user ?? '',
          ...authorization.signIn(user),
        }),
      },
    ],
    ...(serverHalf ? { callbacks: sessions.callbacks(), events: sessions.events() } : { callbacks: ownCallbacks }),
  }
  const nextAuth = version === 4 ? withNextAuth4(options as unknown as NextAuthOptions) : await withAuthJs(options)

  const requests: string[] = []
  const faults: { readonly route: string; readonly answer: () => Response }[] = []
  const holds: { readonly route: string; arrive(): void; readonly released: Promise<void> }[] = []
  /** What next-auth answered. */
  const bodies: string[] = []

  async function answerNextAuth(request: Request): Promise<Response> {
    const route = `${request.method} ${new URL(request.url).pathname.replace('/api/auth', '')}`
    requests.push(route)
    const fault = faults.findIndex((one) => one.route === route)
    if (fault >= 0) return faults.splice(fault, 1)[0]?.answer() ?? Response.error()
    const response = await nextAuth(request)
    bodies.push(await response.clone().text())
    const hold = holds.findIndex((one) => one.route === route)
    if (hold >= 0) {
      const [held] = holds.splice(hold, 1)
      held?.arrive()
      await held?.released
    }
    return response
  }

  const served = await serve((request) => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/api/auth/')) return answerNextAuth(request)
    if (pathname.startsWith('/data')) return authorization.handle(request)
    return new Response(pathname === '/' ? page : '', { headers: { 'content-type': 'text/html' } })
  })
  return {
    url: served.url.replace('127.0.0.1', host),
    authorization,
    requests,
    bodies,
    /** Those that were exchanged. */
    refreshTokens,
    count: (route: string) => requests.filter((one) => one === route).length,
    /** The next request to this route (`GET /session`) is answered so. */
    failNext: (route: string, answer: () => Response) => void faults.push({ route, answer }),
    holdNext(route: string): Held {
      let arrive = (): void => {}
      let release = (): void => {}
      const arrived = new Promise<void>((resolve) => {
        arrive = resolve
      })
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      holds.push({ route, arrive, released })
      return { arrived, release }
    },
    close: served.close,
  }
}

const isAsked = (session: unknown): boolean =>
  typeof session === 'object' && session !== null && 'tokenflight' in session

async function withAuthJs(options: object): Promise<Handler> {
  const require = createRequire(createRequire(import.meta.url).resolve('next-auth-5/package.json'))
  const { Auth }: { Auth: (request: Request, config: object) => Promise<Response> } = await import(
    pathToFileURL(require.resolve('@auth/core')).href
  )
  const logger = { error() {}, warn() {}, debug() {} }
  return (request) => Auth(request, { ...options, trustHost: true, basePath: '/api/auth', logger })
}
