import { createNextAuthServer, type NextAuthServer, type NextAuthServerOptions } from 'tokenflight/next-auth/server'
import { type FakeAuthorizationServer, fakeAuthorizationServer } from 'tokenflight/testing'
import { type Mock, vi } from 'vitest'
import type { AppOptions, NextAuthApp, Version } from './next-auth-apps'

/** An authorization server that rotates and ends the family when a refresh token is used twice, and apps in front of it. */
export interface NextAuthWorld {
  readonly server: FakeAuthorizationServer
  readonly onError: Mock<(error: unknown) => void>
  /** `createNextAuthServer` for this version, over this authorization server. */
  sessions(options?: Partial<NextAuthServerOptions>): NextAuthServer
  /** An app where a user has signed in; the access token has expired since, unless it is `fresh`. */
  signedIn(
    sessions?: NextAuthServer,
    options?: Partial<AppOptions> & { readonly fresh?: boolean },
  ): Promise<NextAuthApp>
}

let worlds = 0

export function nextAuthWorld(version: Version): NextAuthWorld {
  vi.stubEnv('NEXTAUTH_URL', undefined)
  vi.stubEnv('AUTH_URL', undefined)
  worlds += 1
  // One process keeps what came of every refresh token, so no two tests may use the same.
  const server = fakeAuthorizationServer({ tokenPrefix: `${version.name}-${worlds}-` })
  const onError = vi.fn<(error: unknown) => void>()

  const world: NextAuthWorld = {
    server,
    onError,
    sessions: (options = {}) =>
      createNextAuthServer({
        ...version.options,
        baseUrl: 'https://api.example',
        fetch: server.fetch,
        onError,
        refreshRetries: 0,
        refresh: ({ refreshToken, fetch, signal }) =>
          fetch('/token', {
            method: 'POST',
            body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
            signal,
          }),
        ...options,
      }),
    async signedIn(sessions = world.sessions(), { fresh = false, ...options } = {}) {
      const app = version.start({ sessions, authorize: () => user(server, fresh), ...options })
      await app.signIn()
      server.resetCounts()
      return app
    },
  }
  return world
}

/** As `authorize` gets it of an API that tells the instant of expiry in ms. */
export function user(server: FakeAuthorizationServer, fresh: boolean) {
  const { access_token, refresh_token } = server.signIn()
  const accessTokenExpiry = Date.now() + (fresh ? 300_000 : -1_000)
  return { id: '1', name: 'Ada', accessToken: access_token, refreshToken: refresh_token, accessTokenExpiry }
}
