/** A request that this page made to next-auth, once it is answered. Instants as `performance.now()`. */
export interface PageRequest {
  /** After the base path: `/signout`, `/callback/credentials`. */
  readonly path: string
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * Watches what the page itself asks of next-auth, whoever does: its `signIn` and `signOut` tell the other tabs at best, never their own
 * page. By resource timing, which says when and where, and no more. Returns what ends it.
 */
export function watchPageRequests(basePath: string, onRequest: (request: PageRequest) => void): () => void {
  if (globalThis.PerformanceObserver === undefined) return () => {}
  const observer = new PerformanceObserver((list) => {
    for (const { name, startTime, duration } of list.getEntries()) {
      const path = pathBelow(basePath, name)
      if (path !== undefined) onRequest({ path, startedAt: startTime, endedAt: startTime + duration })
    }
  })
  observer.observe({ type: 'resource' })
  return () => observer.disconnect()
}

function pathBelow(basePath: string, url: string): string | undefined {
  const base = `${globalThis.location.origin}${basePath}/`
  return url.startsWith(base) ? url.slice(base.length - 1).replace(/[?#].*$/s, '') : undefined
}
