import { build } from 'esbuild'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import {
  type FakeAuthorizationServer,
  type FakeAuthorizationServerOptions,
  fakeAuthorizationServer,
  serve,
} from '../../src/testing'
import type { StartOptions, TabGlobals } from './page'

declare const session: TabGlobals['session']

/** A tab with a client of its own. */
export interface Tab {
  readonly page: Page
  /** Makes the client: again, after a reload. */
  start(options: StartOptions): Promise<void>
  storm(count: number): Promise<(number | string)[]>
  signIn(user: string): Promise<void>
  signOut(): Promise<void>
  until(status: string): Promise<void>
  ready(): Promise<string>
  status(): Promise<string>
  said(): Promise<string[]>
  accessToken(): Promise<string | undefined>
  forceRefresh(): Promise<string>
  freeze(ms: number): Promise<void>
}

/** A Chromium profile of its own, and a server that ends the family when a refresh token is used twice. */
export interface World {
  readonly server: FakeAuthorizationServer
  readonly context: BrowserContext
  readonly url: string
  /** A new tab, its session known; without `options` it has no client. */
  open(options?: StartOptions): Promise<Tab>
  openAll(count: number, options: StartOptions): Promise<Tab[]>
}

export const driver = (page: Page): Tab => ({
  page,
  start: (options) => page.evaluate((given) => session.start(given), options),
  storm: (count) => page.evaluate((n) => session.storm(n), count),
  signIn: (user) => page.evaluate((name) => session.signIn(name), user),
  signOut: () => page.evaluate(async () => void (await session.signOut())),
  until: (status) => page.evaluate((wanted) => session.until(wanted), status),
  ready: () => page.evaluate(() => session.ready()),
  status: () => page.evaluate(() => session.status()),
  said: () => page.evaluate(() => session.said()),
  accessToken: () => page.evaluate(() => session.accessToken()),
  forceRefresh: () => page.evaluate(() => session.forceRefresh()),
  freeze: (ms) => page.evaluate((time) => session.freeze(time), ms).catch(() => {}),
})

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts Chromium for a test file. What the result opens is closed at the end of the test that calls it, or of the file. */
export function startTabs(): (options?: FakeAuthorizationServerOptions, until?: 'test' | 'file') => Promise<World> {
  let browser: Awaited<ReturnType<typeof chromium.launch>>
  let script: string
  const closers: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [new URL('page.ts', import.meta.url).pathname],
      bundle: true,
      format: 'iife',
      target: 'es2022',
      write: false,
    })
    script = outputFiles[0]?.text ?? ''
    browser = await chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args })
  })
  afterAll(async () => {
    for (const close of closers) await close()
    await browser?.close()
  })

  return async (options, until = 'test') => {
    const server = fakeAuthorizationServer({ apiPath: '/api', ...options })
    const html = { headers: { 'content-type': 'text/html' } }
    const served = await serve((request) =>
      new URL(request.url).pathname === '/'
        ? new Response(`<!doctype html><title>tab</title><script>${script}</script>`, html)
        : server.handle(request),
    )
    const url = served.url.replace('127.0.0.1', 'localhost')
    const context = await browser.newContext()
    const close = async (): Promise<void> => {
      await context.close()
      await served.close()
    }
    if (until === 'test') onTestFinished(close)
    else closers.push(close)

    async function open(start?: StartOptions): Promise<Tab> {
      const page = await context.newPage()
      await page.goto(url)
      const tab = driver(page)
      if (start) {
        await tab.start(start)
        await tab.ready()
      }
      return tab
    }
    return {
      server,
      context,
      url,
      open,
      openAll: (count, start) => Promise.all(Array.from({ length: count }, () => open(start))),
    }
  }
}
