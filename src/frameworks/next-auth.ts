import type { TokenlessRefresher } from '../core/refresher'
import type { TokenStorage } from '../core/token-storage'
import { checkOptions } from './next-auth/check-options'
import { createMessages, type NextAuthVersion } from './next-auth/messages'
import { createNextAuthApi } from './next-auth/next-auth-api'
import type { NextAuthFields } from './next-auth/session-json'
import { createSessionSource } from './next-auth/session-source'
import { createTurns } from './next-auth/turns'

export type { NextAuthVersion } from './next-auth/messages'
export type { NextAuthFields } from './next-auth/session-json'

export interface NextAuthSessionOptions {
  /** Where next-auth's routes are, with Next's own `basePath` before it if there is one. @defaultValue `'/api/auth'` */
  readonly basePath?: string
  /** How other tabs and `SessionProvider` are told. @defaultValue found out; until then, both ways */
  readonly version?: NextAuthVersion
  /** Where the session's JSON has the access token and its times. @defaultValue found under the usual names */
  readonly fields?: NextAuthFields
  /**
   * The values of the session's `error` which say that the refresh token was refused: then the session ends. Name none that your
   * callbacks set for an outage too. @defaultValue `['RefreshTokenRejected']`
   */
  readonly rejectedErrors?: readonly string[]
  /**
   * Signs out of next-auth, instead of a request to its `signout` route: for more than that, such as a federated sign-out. Called when
   * `auth.signOut()` or a refused refresh has ended the session; no session request is under way then. Rejects where it failed.
   */
  readonly signOut?: () => unknown
}

/** What `createAuthClient` takes, to be spread into its options. */
export interface NextAuthSession {
  readonly storage: TokenStorage
  readonly refresh: TokenlessRefresher
  readonly refreshWithoutToken: true
  /**
   * Reads the session again; requests wait until it is read. To be called after a server action has signed in or out, which no page can
   * see by itself.
   */
  lookAgain(): void
}

/**
 * next-auth's session (v4 and v5) as the session of a client in the browser:
 * `createAuthClient({ baseUrl, ...nextAuthSession() })`. The refresh token stays in next-auth's cookie; the server refreshes, with the
 * callbacks of `tokenflight/next-auth/server`, one time for all tabs. On a server it can be made, and stays `restoring`.
 * @throws ConfigurationError `AUTH_CONFIGURATION` names the option that cannot work
 */
export function nextAuthSession(options: NextAuthSessionOptions = {}): NextAuthSession {
  checkOptions(options)
  const basePath = (options.basePath ?? '/api/auth').replace(/\/+$/, '')
  const { storage, refresh, lookAgain } = createSessionSource({
    basePath,
    api: createNextAuthApi(basePath),
    turns: createTurns(`tokenflight:next-auth:${basePath}:session`),
    messages: createMessages(options.version),
    json: { fields: options.fields ?? {}, rejectedErrors: options.rejectedErrors ?? ['RefreshTokenRejected'] },
    signOut: options.signOut,
  })
  return { storage, refresh, refreshWithoutToken: true, lookAgain }
}
