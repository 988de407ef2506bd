import type { QueryClient } from '@tanstack/react-query'
import { UnauthenticatedError } from '../../errors/unauthenticated-error'

export interface FollowedMutations {
  /** Forgets all mutations and takes their results off the screen. */
  clear(): void
  stop(): void
}

/** Keeps an eye on who shows the result of a mutation: the cache tells, but does not list them. */
export function followMutations(queryClient: QueryClient): FollowedMutations {
  const cache = queryClient.getMutationCache()
  const observers = new Set<{ reset(): void }>()
  const stop = cache.subscribe((event) => {
    if (event.type === 'observerAdded') observers.add(event.observer)
    if (event.type === 'observerRemoved') observers.delete(event.observer)
  })

  return {
    clear() {
      for (const observer of [...observers]) observer.reset()
      for (const mutation of cache.getAll()) {
        // What is under way cannot be stopped. But its next attempt would be sent as the next user, and its callbacks would write what
        // they know of this one to the cache: an optimistic update is rolled back to it.
        if (mutation.state.status === 'pending') mutation.setOptions({ mutationFn: ended })
      }
      cache.clear()
    },
    stop,
  }
}

const ended = (): Promise<never> =>
  Promise.reject(new UnauthenticatedError('The session that this mutation was of is over.'))
