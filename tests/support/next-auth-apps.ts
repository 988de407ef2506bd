import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { NextRequest } from 'next/server'
import NextAuth, { type NextAuthOptions } from 'next-auth'
import * as jwt4 from 'next-auth/jwt'
import CredentialsProvider from 'next-auth/providers/credentials'
import type { NextAuthConfig } from 'next-auth-5'
import * as jwt5 from 'next-auth-5/jwt'
import type { NextAuthServer, NextAuthServerOptions } from 'tokenflight/next-auth/server'
import { type CookieBrowser, cookieBrowser } from './cookie-browser'
import { asRouteHandler } from './next-request'

const secret = 'a secret of the tests alone, long enough'

/** An app with next-auth, real handlers, and one browser in front of it. */
export interface NextAuthApp {
  readonly browser: CookieBrowser
  /** Answers as the app's server does. */
  readonly handle: (request: Request) => Promise<Response>
  /** The same without Next around it: for tests that stand within a request already. */
  readonly answer: (request: NextRequest) => Promise<Response>
  /** Signs in with the credentials provider: what `authorize` returns is up to the test. */
  signIn(): Promise<void>
  signOut(): Promise<void>
  /** The session, as its provider in the page reads it. */
  session(): Promise<Record<string, unknown>>
  /** `update(data)` of next-auth's client. */
  update(data: unknown): Promise<Record<string, unknown>>
}

export interface AppOptions {
  readonly sessions: NextAuthServer
  /** The app's own callbacks. */
  readonly own?: NextAuthOptions['callbacks']
  readonly authorize: () => unknown
  readonly secureCookies?: boolean
}

export interface Version {
  readonly name: string
  readonly cookie: string
  /** What the server needs to be told in plain Node, where both versions are installed. */
  readonly options: Pick<NextAuthServerOptions, 'secret' | 'jwt'>
  start(options: AppOptions): NextAuthApp
}

const secureOrigin = 'https://app.example'
const plainOrigin = 'http://localhost:3000'

const require = createRequire(import.meta.url)
// v5 itself can be imported by Next alone; its core, and all that it answers, anywhere.
const corePath = createRequire(require.resolve('next-auth-5/package.json')).resolve('@auth/core')
const { Auth } = (await import(pathToFileURL(corePath).href)) as {
  Auth(request: Request, config: NextAuthConfig): Promise<Response>
}

const authorized = (authorize: () => unknown) => async () => authorize() as { id: string }

function start4({ sessions, own, authorize, secureCookies = false }: AppOptions): NextAuthApp {
  const options: NextAuthOptions = {
    secret,
    useSecureCookies: secureCookies,
    providers: [CredentialsProvider({ credentials: {}, authorize: authorized(authorize) })],
    callbacks: sessions.callbacks(own),
    events: sessions.events(),
    logger: { error: () => {}, warn: () => {} },
  }
  const answer = (request: NextRequest): Promise<Response> => {
    const nextauth = request.nextUrl.pathname.split('/').slice(3)
    return NextAuth(request, { params: Promise.resolve({ nextauth }) }, options)
  }
  return appOf(answer, secureCookies ? secureOrigin : plainOrigin)
}

function start5({ sessions, own, authorize, secureCookies = false }: AppOptions): NextAuthApp {
  const config: NextAuthConfig = {
    secret,
    basePath: '/api/auth',
    trustHost: true,
    useSecureCookies: secureCookies,
    providers: [
      {
        id: 'credentials',
        name: 'credentials',
        type: 'credentials',
        credentials: {},
        authorize: authorized(authorize),
      },
    ],
    callbacks: sessions.callbacks(own) as unknown as NonNullable<NextAuthConfig['callbacks']>,
    events: sessions.events() as unknown as NonNullable<NextAuthConfig['events']>,
    logger: { error: () => {}, warn: () => {} },
  }
  return appOf((request) => Auth(request, config), secureCookies ? secureOrigin : plainOrigin)
}

function appOf(answer: (request: NextRequest) => Promise<Response>, origin: string): NextAuthApp {
  const handle = (request: Request): Promise<Response> => asRouteHandler(request, answer)
  const browser = cookieBrowser(origin, handle)
  async function csrfToken(): Promise<string> {
    const response = await browser.fetch('/api/auth/csrf')
    const { csrfToken: token } = (await response.json()) as { csrfToken: string }
    return token
  }
  const post = async (path: string, fields: Record<string, string> = {}): Promise<Response> =>
    browser.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrfToken: await csrfToken(), json: 'true', ...fields }),
    })
  const fields = async (response: Response): Promise<Record<string, unknown>> =>
    ((await response.json()) ?? {}) as Record<string, unknown>
  return {
    browser,
    handle,
    answer,
    signIn: async () => void (await post('/api/auth/callback/credentials')),
    signOut: async () => void (await post('/api/auth/signout')),
    session: async () => fields(await browser.fetch('/api/auth/session')),
    async update(data) {
      const body = JSON.stringify({ csrfToken: await csrfToken(), data })
      const headers = { 'content-type': 'application/json' }
      return fields(await browser.fetch('/api/auth/session', { method: 'POST', headers, body }))
    },
  }
}

export const versions: readonly Version[] = [
  { name: 'v4', cookie: 'next-auth.session-token', options: { secret, jwt: jwt4 }, start: start4 },
  { name: 'v5', cookie: 'authjs.session-token', options: { secret, jwt: jwt5 }, start: start5 },
]
