import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { createBackend } from '../../examples/next-app/backend.mjs'
import {
  type FakeAuthorizationServer,
  type FakeAuthorizationServerOptions,
  type Served,
  serve,
} from '../../src/testing'
import { shiftDate } from './shift-date.mjs'
import { type NextServer, type NextServerOptions, startNext } from './start-next'
import { createVisitor, type Visitor } from './visitor'
import { watchRequests } from './watch-requests'

/** Where the rows of a version are played: servers, a browser, and a time that passes on command. */
export interface Stage {
  readonly backendUrl: string
  /** A fresh authorization server and API, and a browser profile of its own. */
  begin(next: NextServer, options?: FakeAuthorizationServerOptions): Promise<Scene>
  start(options: NextServerOptions): Promise<NextServer>
  close(): Promise<void>
}

export interface Scene {
  readonly server: FakeAuthorizationServer
  readonly context: BrowserContext
  /** A tab at the app. */
  open(path: string): Promise<Visitor>
  /** Time passes, for all servers and pages; while no request is under way, since it would have been sent in another time. */
  pass(ms: number): Promise<void>
  end(): Promise<void>
}

const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

export async function startStage(): Promise<Stage> {
  let backend = createBackend()
  let offset = 0
  let scenes = 0
  const nexts = new Set<NextServer>()
  const served: Served = await serve((request) => backend.handle(request))
  const browser: Browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args,
  })
  const clock = {
    now: () => Date.now() + offset,
    monotonic: () => performance.now() + offset,
    after(ms: number, task: () => void) {
      const timer = setTimeout(task, ms)
      return () => clearTimeout(timer)
    },
  }

  return {
    backendUrl: served.url,
    async start(options) {
      const next = await startNext({ ...options, env: { AUTH_SERVER_URL: served.url, ...options.env } })
      nexts.add(next)
      await next.shiftTo(offset)
      return {
        ...next,
        stop() {
          nexts.delete(next)
          return next.stop()
        },
      }
    },
    async begin(next, options) {
      scenes += 1
      backend = createBackend({ clock, tokenPrefix: `scene-${scenes}-`, ...options })
      const { server } = backend
      const context = await browser.newContext({ ignoreHTTPSErrors: true })
      const quiet = watchRequests(context, next.url)
      await context.addInitScript({ content: `globalThis.setDateOffset = (${shiftDate})(); setDateOffset(${offset})` })
      return {
        server,
        context,
        async open(path) {
          const page = await context.newPage()
          await page.goto(next.url + path)
          return createVisitor(page, next.url, quiet)
        },
        async pass(ms) {
          await quiet()
          offset += ms
          const content = `setDateOffset(${offset})`
          await context.addInitScript({ content })
          await Promise.all([
            ...[...nexts].map((it) => it.shiftTo(offset)),
            ...context.pages().map((page) => page.evaluate(content)),
          ])
        },
        end: () => context.close(),
      }
    },
    async close() {
      await browser.close()
      await Promise.all([...nexts].map((next) => next.stop()))
      await served.close()
    },
  }
}
