// What runs in each tab: bundled with v4's or v5's `next-auth/react`, and served by tabs.ts.
import { getCsrfToken, getSession, SessionProvider, signIn, signOut, useSession } from 'next-auth/react'
import { createRoot } from 'react-dom/client'
import { type AuthClient, createAuthClient } from '../../src'
import { type NextAuthSession, type NextAuthSessionOptions, nextAuthSession } from '../../src/frameworks/next-auth'

export interface StartOptions {
  readonly session?: Omit<NextAuthSessionOptions, 'signOut'>
  /** The app brings next-auth's own `signOut`. */
  readonly withOwnSignOut?: boolean
  readonly withoutWebLocks?: boolean
  readonly refreshTimeoutMs?: number
  readonly refreshRetries?: number
  readonly dangerouslyAllowInsecureHttp?: boolean
}

let auth: AuthClient
let nextAuth: NextAuthSession
const said: string[] = []
const heard: number[] = []
const seen: { status: string; accessToken: string | undefined }[] = []

function Seen(): null {
  const { status, data } = useSession()
  const accessToken: unknown = data && Reflect.get(data, 'accessToken')
  seen.push({ status, accessToken: typeof accessToken === 'string' ? accessToken : undefined })
  return null
}

const page = {
  /** next-auth's own provider, and a component that uses it. */
  provide(): void {
    createRoot(document.body.appendChild(document.createElement('div'))).render(
      <SessionProvider>
        <Seen />
      </SessionProvider>,
    )
  },
  start({ session, withOwnSignOut = false, withoutWebLocks = false, ...rest }: StartOptions = {}): void {
    const { refreshTimeoutMs = 10_000, refreshRetries = 0, dangerouslyAllowInsecureHttp = false } = rest
    if (withoutWebLocks) Object.defineProperty(navigator, 'locks', { value: undefined })
    nextAuth = nextAuthSession({ ...session, ...(withOwnSignOut && { signOut: () => signOut({ redirect: false }) }) })
    auth = createAuthClient({ refreshTimeoutMs, refreshRetries, dangerouslyAllowInsecureHttp, ...nextAuth })
    auth.on('*', (name, event) => said.push('reason' in event ? `${name} ${event.reason}` : name))
  },
  /** Makes the client, and what its first reading comes to. */
  restore(options: StartOptions): Promise<string> {
    page.start(options)
    return page.ready()
  },
  storm: (count: number): Promise<(number | string)[]> =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        auth.fetch(`/data/${n}`).then(
          ({ status }) => status,
          (error: { code?: string }) => error.code ?? String(error),
        ),
      ),
    ),
  forceRefresh: (): Promise<string> =>
    auth.getAccessToken({ forceRefresh: true }).then(
      () => 'refreshed',
      (error) => error.code,
    ),
  ready: (): Promise<string> =>
    auth.ready().then(
      ({ status }) => status,
      (error) => error.code,
    ),
  state: () => auth.state,
  accessToken: () => auth.getTokens()?.accessToken,
  tokens: () => auth.getTokens(),
  signOut: () => auth.signOut(),
  lookAgain: () => nextAuth.lookAgain(),
  /** No message of another tab arrives from now on. */
  hearNothing(): void {
    addEventListener('storage', (event) => event.stopImmediatePropagation(), true)
    Object.defineProperty(globalThis, 'BroadcastChannel', { value: undefined })
  },
  /** Hears next-auth's messages, with the version that sends such. */
  listen(): void {
    addEventListener('storage', ({ key }) => key === 'nextauth.message' && heard.push(4))
    new BroadcastChannel('next-auth').addEventListener('message', () => heard.push(5))
  },
  heard: () => heard,
  said: () => said,
  seen: () => seen.at(-1),
  nextAuthSignIn: (user: string) => signIn('credentials', { user, redirect: false }).then(() => {}),
  nextAuthSignOut: () => signOut({ redirect: false }).then(() => {}),
  /** `useSession().update(data)`, without a provider. */
  async update(data: object): Promise<void> {
    const csrfToken = await getCsrfToken()
    const headers = { 'content-type': 'application/json' }
    await fetch('/api/auth/session', { method: 'POST', headers, body: JSON.stringify({ csrfToken, data }) })
  },
  /** As the tutorial's code does, which then has nothing to do with this library. */
  getSession: () => getSession(),
  until: (status: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (auth.state.status === status) resolve()
      }
      auth.subscribe(look)
      look()
    }),
}

export interface TabGlobals {
  readonly page: typeof page
}
Object.assign(globalThis, { page })
