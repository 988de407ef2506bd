import type { TokenlessRefresher } from '../../core/refresher'
import type { TokenSet } from '../../core/token-set'
import { ConfigurationError } from '../../errors/configuration-error'
import { RefreshMisconfiguredError } from '../../errors/refresh-misconfigured-error'
import { RefreshRejectedError } from '../../errors/refresh-rejected-error'
import { RefreshUnavailableError } from '../../errors/refresh-unavailable-error'
import { isPage } from '../../sharing/storage-item'
import type { NextAuthAnswer, NextAuthApi } from './next-auth-api'
import { type NextAuthSession, tokensOf } from './session-json'
import type { SessionMemory } from './session-memory'
import type { SignOut } from './sign-out'
import type { Turns } from './turns'

interface Parts {
  readonly api: NextAuthApi
  readonly turns: Turns
  readonly memory: SessionMemory
  readonly signOut: SignOut
  readonly sessionOf: (answer: NextAuthAnswer) => NextAuthSession | undefined
}

/** Has the server refresh, by the `update` of next-auth. The storage has been read right before, under the lock. */
export function createRefresher({ api, turns, memory, signOut, sessionOf }: Parts): TokenlessRefresher {
  /** @throws RefreshRejectedError where no request could help */
  function mustBePossible(): void {
    const { last } = memory
    if (last?.kind !== 'signedIn') throw new RefreshRejectedError('next-auth has no session: sign in first.')
    if (last.isSpent) throw new RefreshRejectedError(spent)
  }

  return async ({ tokens, trigger }) => {
    if (!isPage()) throw new ConfigurationError(onServer)
    const signOutsBefore = signOut.count
    // not bounded by the refresh's signal: what the server has rotated must reach the cookie
    const answer = await turns.alone(async () => {
      mustBePossible()
      // whatever comes of it, what was read before it may be old by now
      memory.outdate()
      return api.update({ tokenflight: { refresh: trigger } })
    })
    // one that was overtaken by a sign-out has brought the cookie back
    if (signOut.count !== signOutsBefore) await signOut.run()
    return refreshed(answer, sessionOf(answer), tokens)
  }
}

function refreshed(
  answer: NextAuthAnswer,
  session: NextAuthSession | undefined,
  before: TokenSet | undefined,
): TokenSet {
  if (!session) throw notAnswered(answer)
  // the storage is read once more, and says so
  if (session.kind === 'signedOut') throw new RefreshRejectedError('next-auth has no session any more: sign in again.')
  if (session.isSpent) throw new RefreshRejectedError(spent)
  const tokens = tokensOf(session)
  if (!tokens) throw new RefreshMisconfiguredError(noToken, { cause: session.tokens })
  if (before?.sessionId !== undefined && tokens.sessionId !== undefined && before.sessionId !== tokens.sessionId) {
    throw new RefreshRejectedError('Somebody else has signed in to next-auth meanwhile.')
  }
  return tokens
}

function notAnswered({ status, retryAfterMs }: NextAuthAnswer): Error {
  const said = `next-auth's session endpoint answered the refresh with ${status}`
  if (status === 404 || status === 405) {
    return new RefreshMisconfiguredError(`${said}: correct the option basePath of nextAuthSession.`, { status })
  }
  return new RefreshUnavailableError(`${said} and without a session. Try again.`, { status, retryAfterMs })
}

const spent = 'The authorization server refused the refresh token that next-auth keeps: sign in again.'
const noToken =
  "next-auth's session shows no access token: use the callbacks of tokenflight/next-auth/server, or name the field with the option fields of nextAuthSession."
const onServer = 'nextAuthSession is for pages: on a server use forRequest() of tokenflight/next-auth/server.'
