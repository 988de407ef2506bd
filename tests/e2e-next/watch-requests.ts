import type { BrowserContext, Page, Request } from 'playwright-core'

/** Resolves once no page of this context has a request under way to this origin, nor sends another in the next turn. */
export function watchRequests(context: BrowserContext, origin: string): () => Promise<void> {
  const open = new Map<Request, Page>()
  const waiting = new Set<() => void>()

  function over(isOver: (request: Request, page: Page) => boolean): void {
    for (const [request, page] of open) if (isOver(request, page)) open.delete(request)
    if (open.size > 0) return
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  context.on('page', (page) => {
    page.on('request', (request) => {
      if (request.url().startsWith(origin)) open.set(request, page)
    })
    page.on('requestfinished', (finished) => over((request) => request === finished))
    page.on('requestfailed', (failed) => over((request) => request === failed))
    // nobody hears how its requests end
    page.on('close', () => over((_, itsPage) => itsPage === page))
  })

  const turn = (): Promise<unknown> =>
    Promise.all(context.pages().map((page) => page.evaluate(() => new Promise((resolve) => setTimeout(resolve)))))

  return async () => {
    await turn()
    while (open.size > 0) {
      await new Promise<void>((resolve) => waiting.add(resolve))
      await turn()
    }
  }
}
