import type { QueryClient } from '@tanstack/react-query'
import type { AuthClient } from '../../core/auth-client'
import { isUnauthenticated } from '../../errors/is-unauthenticated'

/**
 * One handler at both caches: says that a query or a mutation failed because nobody is signed in, at most once between two sign-ins.
 * @returns stops watching
 */
export function watchFailures(auth: AuthClient, queryClient: QueryClient, tell: (error: unknown) => void): () => void {
  const [queries, mutations] = [queryClient.getQueryCache(), queryClient.getMutationCache()]
  /** The end of the session that was told of. */
  let told: number | undefined

  function failed(error: unknown): void {
    const { status, epoch } = auth.state
    if (status !== 'signedOut' || epoch === told || !isUnauthenticated(error)) return
    told = epoch
    // A turn later: what it throws must not break the cache, which is in the middle of a change.
    queueMicrotask(() => tell(error))
  }

  const stops = [
    queries.subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'error') failed(event.action.error)
    }),
    mutations.subscribe((event) => {
      // One that was cleared away says that its own session is over, which is no news.
      if (event.type !== 'updated' || event.action.type !== 'error') return
      if (mutations.getAll().includes(event.mutation)) failed(event.action.error)
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
