import { notifyManager, type Query, type QueryClient } from '@tanstack/react-query'

type Predicate = (query: Query) => boolean

/**
 * Takes the data out of these queries, also of those that are on the screen, and cancels what is in flight for them: an answer that
 * comes later reaches nobody. Fetches nothing.
 */
export function clearQueries(queryClient: QueryClient, predicate: Predicate): void {
  const cache = queryClient.getQueryCache()
  notifyManager.batch(() => {
    const queries = cache.findAll({ predicate })
    // An observer that shows another page's data meanwhile (keepPreviousData) keeps it until its query is no longer pending, and asks
    // the query it came from again: so all are emptied as if they had succeeded, before the first is pending again.
    for (const query of queries) query.setState({ data: undefined, status: 'success' })
    for (const query of queries) {
      if (query.getObserversCount() > 0) query.reset()
      else cache.remove(query)
    }
  })
}

/** Fetches these again where they are on the screen. What is in flight was sent before, and is cancelled. */
export function refetchMounted(queryClient: QueryClient, predicate: Predicate): void {
  notifyManager.batch(() => {
    for (const query of queryClient.getQueryCache().findAll({ type: 'active', fetchStatus: 'fetching', predicate })) {
      // Where there is no data, react-query would wait for what is in flight.
      if (query.state.data === undefined) query.reset()
    }
    void queryClient.refetchQueries({ type: 'active', predicate })
  })
}
