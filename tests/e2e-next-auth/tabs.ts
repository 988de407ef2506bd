import { build } from 'esbuild'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { type NextAuthServer, type ServerOptions, startNextAuth, type Version } from './next-auth-server'
import type { StartOptions, TabGlobals } from './page'

declare const page: TabGlobals['page']

type Remote = {
  readonly [Name in keyof TabGlobals['page']]: (
    ...args: Parameters<TabGlobals['page'][Name]>
  ) => Promise<Awaited<ReturnType<TabGlobals['page'][Name]>>>
}

/** A tab, steered from here: its page's functions, by name. */
export interface Tab extends Remote {
  readonly tab: Page
}

function driver(tab: Page): Tab {
  const call = (name: string, args: unknown[]): Promise<unknown> =>
    tab.evaluate(([method, given]) => Reflect.get(page, method)(...given), [name, args] as const)
  return new Proxy({ tab } as Tab, {
    get(target, name) {
      if (name === 'tab') return target.tab
      // what is awaited is asked whether it is a promise
      return name === 'then' ? undefined : (...args: unknown[]) => call(String(name), args)
    },
  })
}

/** A Chromium profile of its own, with next-auth on a server of its own. */
export interface World extends NextAuthServer {
  readonly context: BrowserContext
  /** A tab whose session is known; without `options` it has no client. */
  open(options?: StartOptions): Promise<Tab>
  /** A tab in which this user signs in with next-auth, before the client is made. */
  signedIn(options?: StartOptions, user?: string): Promise<Tab>
}

/** Starts Chromium for a test file. What the result opens is closed at the end of the test. */
export function startTabs(): (version: Version, options?: ServerOptions) => Promise<World> {
  let browser: Awaited<ReturnType<typeof chromium.launch>>
  const scripts = new Map<Version, string>()

  async function bundle(version: Version): Promise<string> {
    const { outputFiles } = await build({
      entryPoints: [new URL('page.tsx', import.meta.url).pathname],
      alias: { 'next-auth/react': version === 4 ? 'next-auth/react' : 'next-auth-5/react' },
      define: { 'process.env': '{}' },
      bundle: true,
      format: 'iife',
      jsx: 'automatic',
      minify: true,
      target: 'es2022',
      write: false,
    })
    return outputFiles[0]?.text ?? ''
  }
  beforeAll(async () => {
    for (const version of [4, 5] as const) scripts.set(version, await bundle(version))
    browser = await chromium.launch({
      executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
      args: [
        ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
        '--host-resolver-rules=MAP *.test 127.0.0.1',
      ],
    })
  })
  afterAll(() => browser?.close())

  return async (version, options) => {
    const server = await startNextAuth(version, `<!doctype html><body><script src="/page.js"></script>`, options)
    const context = await browser.newContext()
    await context.route('**/page.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: scripts.get(version) ?? '' }),
    )
    onTestFinished(async () => {
      await context.close()
      await server.close()
    })
    async function open(start?: StartOptions): Promise<Tab> {
      const tab = await context.newPage()
      await tab.goto(server.url)
      const opened = driver(tab)
      if (start) {
        await opened.start(start)
        await opened.ready()
      }
      return opened
    }
    return {
      ...server,
      context,
      open,
      async signedIn(start = {}, user = 'alice') {
        const tab = await open()
        await tab.nextAuthSignIn(user)
        // its sign-in is none of this page's any more
        await tab.tab.reload()
        await tab.start(start)
        await tab.ready()
        return tab
      },
    }
  }
}
