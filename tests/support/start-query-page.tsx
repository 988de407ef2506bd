import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { configure, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import {
  authQueryFn,
  authQueryOptions,
  authRetry,
  type ConnectOptions,
  connectQueryClient,
} from 'tokenflight/react-query'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { type PageSession, startPageSession } from './start-page-session'

// a deadline, for slow machines: what comes is seen at once
configure({ asyncUtilTimeout: 10_000 })

/** What the API of a {@link QueryPage} answers. */
export const Answer = z.object({ user: z.string(), path: z.string() })

export interface QueryPage extends PageSession {
  readonly queryClient: QueryClient
  readonly wrapper: (props: { children: ReactNode }) => ReactNode
  /** @defaultValue `false` */
  readonly reactStrictMode?: boolean
}

export interface QueryPageOptions {
  /** `false`: not connected. */
  readonly connect?: ConnectOptions | false
  readonly session?: Parameters<typeof startPageSession>[0]
  /** Who is signed in at the start; `null`: nobody. @defaultValue `'a'` */
  readonly user?: string | null
}

/** A page with a cache, and an API that tells each user who they are. */
export async function startQueryPage({ connect = {}, session, user = 'a' }: QueryPageOptions = {}): Promise<QueryPage> {
  const page = startPageSession({ ...session, server: { api: whoAmI, ...session?.server } })
  const queryClient = new QueryClient({
    defaultOptions: { queries: { queryFn: authQueryFn(page.auth), retry: authRetry(3), retryDelay: 0 } },
  })
  onTestFinished(() => queryClient.clear())
  if (user !== null) await page.signIn(user)
  else await page.auth.ready()
  if (connect) onTestFinished(connectQueryClient(page.auth, queryClient, connect))
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
  )
  return { ...page, queryClient, wrapper }
}

async function whoAmI(request: Request, { user }: { user: string }): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  return Response.json({ user, path: pathname + search })
}

/** A query on the screen, and every user whose data it has shown, one after the other. */
export function mountQuery({ auth, wrapper, reactStrictMode = false }: QueryPage, ...queryKey: readonly unknown[]) {
  const shown: (string | undefined)[] = []
  const hook = renderHook(
    () => {
      const query = useQuery(authQueryOptions(auth, queryKey.length > 0 ? queryKey : ['/me'], Answer))
      const user = query.data?.user
      if (shown.length === 0 || shown.at(-1) !== user) shown.push(user)
      return query
    },
    { wrapper, reactStrictMode },
  )
  return { ...hook, shown, user: () => hook.result.current.data?.user }
}
