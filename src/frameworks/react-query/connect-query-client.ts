import type { Query, QueryClient } from '@tanstack/react-query'
import type { AuthClient } from '../../core/auth-client'
import type { SignedOutReason } from '../../core/session-state'
import type { TokenSet } from '../../core/token-set'
import { ConfigurationError } from '../../errors/configuration-error'
import { type CacheOwner, isSameEpoch, isSameOwner, notedOwner, noteOwner, ownerOf } from './cache-owner'
import { clearQueries, refetchMounted } from './clear-queries'
import { followMutations } from './follow-mutations'
import { watchFailures } from './watch-failures'

export interface ConnectOptions {
  /**
   * When a user's data leaves the cache. `userChange`: when another user signs in · `signOut`: also at a sign-out, here or in another
   * tab; where the session was only lost (the refresh token or the access token was refused) it stays until somebody signs in ·
   * `sessionEnd`: whenever a session ends. @defaultValue `'signOut'`
   */
  readonly clear?: 'userChange' | 'signOut' | 'sessionEnd'
  /** Queries whose data is nobody's: they are left alone. @defaultValue none: `() => false` */
  readonly keep?: (query: Query) => boolean
  /**
   * Names the user these tokens are of; `undefined` where that cannot be told, and then every sign-in counts as another user's.
   * @defaultValue issuer and subject of the ID token or the access token, where one is a JWT
   */
  readonly userOf?: (tokens: TokenSet) => string | undefined
  /**
   * Called when a query or a mutation failed because nobody is signed in, at most once between two sign-ins. Sees what the event
   * `unauthenticated` does not: requests that were never sent (`authenticate: 'required'`), and those of clients without the session.
   */
  readonly onUnauthenticated?: (error: unknown) => void
}

/**
 * Makes a cache follow the user. When another user signs in, all data leaves it, also of queries that are on the screen, and what is
 * in flight reaches nobody; those on the screen are then fetched again. The same user's data stays, and what failed is fetched again.
 * Mutations that were waiting to be sent are forgotten. `onlineManager` and `focusManager` are not touched.
 *
 * Call it where the `QueryClient` is made for a page, not on a server: there each request has a `QueryClient` of its own.
 * @returns disconnects
 * @throws ConfigurationError `AUTH_CONFIGURATION` for an unknown `clear`
 */
export function connectQueryClient(
  auth: AuthClient,
  queryClient: QueryClient,
  { clear = 'signOut', keep = () => false, userOf, onUnauthenticated }: ConnectOptions = {},
): () => void {
  if (!Object.hasOwn(endings, clear))
    throw new ConfigurationError(`The option clear has to be one of ${Object.keys(endings).join(', ')}.`)
  const mutations = followMutations(queryClient)
  const isOfUser = (query: Query): boolean => !keep(query)
  /** Was the cache filled while nobody was signed in? */
  let isAnonymous = false

  function clearData(): void {
    mutations.clear()
    clearQueries(queryClient, isOfUser)
  }

  function signedIn(previous: CacheOwner | undefined, next: CacheOwner): void {
    if (previous && !isSameOwner(previous, next)) {
      clearData()
      refetchMounted(queryClient, isOfUser)
    } else if (isAnonymous) {
      void queryClient.invalidateQueries({ predicate: isOfUser, refetchType: 'none' })
      refetchMounted(queryClient, isOfUser)
    } else if (previous) refetchMounted(queryClient, (query) => isOfUser(query) && !isSettled(query))
    else refetchMounted(queryClient, (query) => isOfUser(query) && hasFailed(query))
  }

  function follow(): void {
    const { state } = auth
    if (state.status === 'restoring') return
    const previous = notedOwner(queryClient)
    const next = ownerOf(auth, userOf)
    if (next && !isSameEpoch(previous, next)) {
      noteOwner(queryClient, next)
      signedIn(previous, next)
    }
    if (state.status === 'signedOut' && previous && endings[clear](state.reason)) {
      noteOwner(queryClient, undefined)
      clearData()
    }
    isAnonymous = state.status === 'signedOut' && !notedOwner(queryClient)
  }

  const unsubscribe = auth.subscribe(follow)
  follow()
  const unwatch = onUnauthenticated && watchFailures(auth, queryClient, onUnauthenticated)

  return () => {
    unsubscribe()
    unwatch?.()
    mutations.stop()
  }
}

const isLost = (reason: SignedOutReason | undefined): boolean =>
  reason === 'refreshRejected' || reason === 'tokenRefused'

/** Does the data leave at the end of a session? */
const endings = {
  userChange: () => false,
  signOut: (reason: SignedOutReason | undefined) => !isLost(reason),
  sessionEnd: () => true,
} as const

const hasFailed = ({ state }: Query): boolean => state.status === 'error' && state.fetchStatus === 'idle'
const isSettled = ({ state }: Query): boolean => state.status === 'success' && state.fetchStatus === 'idle'
