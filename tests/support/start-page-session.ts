import { type AuthClient, type AuthClientOptions, createAuthClient } from 'tokenflight'
import {
  type FakeAuthorizationServer,
  type FakeAuthorizationServerOptions,
  fakeAuthorizationServer,
} from 'tokenflight/testing'
import { onTestFinished } from 'vitest'

export interface PageSession {
  readonly auth: AuthClient
  readonly server: FakeAuthorizationServer
  /** A sign-in of this user at the server, taken over by the client. */
  signIn(user?: string): Promise<void>
}

/** A client and its server in this page: no sockets, so a test holds what the server answers, and when. */
export function startPageSession(
  options: { readonly server?: FakeAuthorizationServerOptions; readonly client?: Partial<AuthClientOptions> } = {},
): PageSession {
  const server = fakeAuthorizationServer({ tokenFormat: 'jwt', ...options.server })
  const auth = createAuthClient({
    baseUrl: 'https://server.example',
    fetch: server.fetch,
    refreshRetries: 0,
    refresh: ({ refreshToken, fetch, signal }) =>
      fetch('/token', {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
        signal,
      }),
    ...options.client,
  })
  onTestFinished(() => auth.dispose())
  return { auth, server, signIn: (user) => auth.signIn(server.signIn(user)) }
}
