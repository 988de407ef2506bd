import { isPromise } from '../../core/maybe-promise'
import type { TokenlessRefresher } from '../../core/refresher'
import { sameTokens, type TokenSet } from '../../core/token-set'
import type { TokenStorage } from '../../core/token-storage'
import { StorageError } from '../../errors/storage-error'
import { localChannel } from '../../sharing/local-channel'
import { isPage } from '../../sharing/storage-item'
import { webLock } from '../../sharing/web-lock'
import type { Messages } from './messages'
import type { NextAuthAnswer, NextAuthApi } from './next-auth-api'
import { type PageRequest, watchPageRequests } from './page-requests'
import { createRefresher } from './refresher'
import { type NextAuthSession, readSessionJson, type SessionJsonContext, tokensOf } from './session-json'
import { createSessionMemory } from './session-memory'
import { createSignOut } from './sign-out'
import type { Turns } from './turns'

/** next-auth's session as an auth client takes it. */
export interface SessionSource {
  readonly storage: TokenStorage
  readonly refresh: TokenlessRefresher
  lookAgain(): void
}

interface Parts {
  readonly basePath: string
  readonly api: NextAuthApi
  readonly turns: Turns
  readonly messages: Messages
  readonly json: Pick<SessionJsonContext, 'fields' | 'rejectedErrors'>
  /** The app's own; without it next-auth is asked. */
  readonly signOut: (() => unknown) | undefined
}

export function createSessionSource(parts: Parts): SessionSource {
  const { basePath, api, turns, messages, json } = parts
  const lock = webLock(`tokenflight:next-auth:${basePath}`)
  const changes = localChannel()
  const memory = createSessionMemory(() => turns.together(async () => known(await api.session())))
  const signOut = createSignOut({ ...parts, memory })

  const sessionOf = ({ status, body, ...context }: NextAuthAnswer): NextAuthSession | undefined =>
    status >= 200 && status < 300 ? readSessionJson(body, { ...context, ...json }) : undefined

  /** @throws StorageError where it is unknown who is signed in */
  function known(answer: NextAuthAnswer): NextAuthSession {
    const session = sessionOf(answer)
    if (!session) throw unknown(basePath, answer)
    if (session.kind === 'signedOut') messages.recognise(answer.body === null ? 5 : 4)
    return withTokensBefore(session)
  }
  /** Once its refresh token was refused a session shows none: those it had are what the refresh is rejected for. */
  function withTokensBefore(session: NextAuthSession): NextAuthSession {
    if (session.kind === 'signedOut' || !session.isSpent || tokensOf(session)) return session
    const before = tokensOf(memory.last)
    const isSame = session.sessionId === undefined || session.sessionId === before?.sessionId
    return before && isSame ? { ...session, tokens: before } : session
  }
  function lookAgain(): void {
    memory.outdate()
    changes.notify()
  }
  /** What the page itself did, which next-auth tells the other tabs at best. */
  function onPageRequest(request: PageRequest): void {
    const { path } = request
    const isNews = path === '/session' ? signOut.noteReading(request) : isChange(path) && !signOut.madeItself(request)
    if (isNews) lookAgain()
  }
  async function stored(session: NextAuthSession): Promise<unknown> {
    if (!signOut.isUndone(session) && !isOver(session)) return storedForm(session)
    await signOut.run()
    return { ended: true }
  }
  const isSignedOut = (): boolean => memory.last?.kind === 'signedOut'
  const holds = (expected: TokenSet): boolean => sameTokens(tokensOf(memory.last), expected)
  function keep(tokens: TokenSet): void {
    memory.put({ kind: 'signedIn', tokens, isSpent: false, sessionId: tokens.sessionId, owner: undefined })
  }

  const storage: TokenStorage = {
    read() {
      if (!isPage()) return undefined
      const session = memory.read()
      return isPromise(session) ? session.then(stored) : storedForm(session)
    },
    write(tokens) {
      if (tokens) return keep(tokens)
      return isSignedOut() ? undefined : signOut.run()
    },
    async replace(expected, next) {
      if (!holds(expected)) return false
      if (!next) await signOut.run()
      else {
        keep(next)
        messages.tell('getSession')
      }
      return true
    },
    async lock(signal, name) {
      const held = await lock(signal, name)
      // the holder before may have refreshed
      memory.outdate()
      return held
    },
    subscribe(onChange) {
      if (!isPage()) return () => {}
      const unsubscribed = new AbortController()
      // a page that returns from the back/forward cache has missed what was said
      const onPageShow = ({ persisted }: PageTransitionEvent): void => {
        if (persisted) lookAgain()
      }
      addEventListener('pageshow', onPageShow, { signal: unsubscribed.signal })
      const ends = [
        changes.subscribe(onChange),
        messages.subscribe(lookAgain),
        watchPageRequests(basePath, onPageRequest),
        () => unsubscribed.abort(),
      ]
      return () => {
        for (const end of ends) end()
      }
    },
  }
  return { storage, refresh: createRefresher({ api, turns, memory, signOut, sessionOf }), lookAgain }
}

const isChange = (path: string): boolean => path === '/signout' || path.startsWith('/callback/')

/** Of no use to anyone: it has no tokens, and no refresh will bring any. */
const isOver = (session: NextAuthSession): boolean =>
  session.kind === 'signedIn' && session.isSpent && tokensOf(session) === undefined

/** What the session behind this storage understands. @throws StorageError for a session without an access token */
function storedForm(session: NextAuthSession): unknown {
  if (session.kind === 'signedOut') return { ended: true }
  const tokens = tokensOf(session)
  if (tokens) return tokens
  throw new StorageError(
    'next-auth has a session, but it shows no access token: use the callbacks of tokenflight/next-auth/server, or name the field with the option fields of nextAuthSession.',
    { cause: session.tokens },
  )
}

function unknown(basePath: string, { status, retryAfterMs }: NextAuthAnswer): StorageError {
  const advice = status === 404 ? ' Correct the option basePath of nextAuthSession.' : ' Try again.'
  return new StorageError(
    `GET ${basePath}/session was answered with ${status} and without a session: nobody is signed out by it.${advice}`,
    { status, retryAfterMs },
  )
}
