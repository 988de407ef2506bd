import type { Page } from 'playwright-core'

/** Someone at a page of the app. */
export interface Visitor {
  readonly page: Page
  signIn(): Promise<void>
  /** Clicks, and does not wait for what comes of it. */
  click(button: string): Promise<void>
  /** Has all queries fetch again; resolves once they have, with how many succeeded. */
  refetch(): Promise<number>
  /** Resolves once no query is under way, with how many succeeded. */
  settled(): Promise<number>
  /** The statuses of so many requests of the page itself, sent together. */
  get(path: string, count?: number): Promise<number[]>
  /** What the app's own session endpoint says. */
  session(): Promise<Record<string, unknown> | null>
}

/** As far as the dashboard says it, the queries of a page; `quiet` resolves once no request is under way. */
export function createVisitor(page: Page, origin: string, quiet: () => Promise<void>): Visitor {
  const succeeded = () => page.locator('[data-query][data-status=success]').count()
  const click = (name: string) => page.getByRole('button', { name, exact: true }).click()

  return {
    page,
    async signIn() {
      // next-auth makes a CSRF token for each request that has none yet: the provider's, still under way, would replace ours
      await page.waitForFunction(() => performance.getEntriesByName(`${location.origin}/api/auth/session`).length > 0)
      await quiet()
      await page.getByLabel('User').fill('demo')
      await page.getByLabel('Password').fill('any')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(`${origin}/dashboard`)
    },
    click,
    async refetch() {
      const rounds = Number(await page.locator('[data-rounds]').getAttribute('data-rounds'))
      await click('Refetch all')
      await page.locator(`[data-rounds="${rounds + 1}"]`).waitFor()
      return succeeded()
    },
    async settled() {
      await page.waitForFunction(() => {
        const queries = [...document.querySelectorAll('[data-query]')]
        return queries.length > 0 && queries.every((it) => it.getAttribute('data-fetching') === 'false')
      })
      return succeeded()
    },
    get: (path, count = 1) =>
      page.evaluate(
        ([to, times]) =>
          Promise.all(Array.from({ length: times }, async () => (await fetch(to, { cache: 'no-store' })).status)),
        [path, count] as const,
      ),
    session: () => page.evaluate(async () => (await fetch('/api/auth/session', { cache: 'no-store' })).json()),
  }
}
