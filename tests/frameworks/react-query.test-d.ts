import {
  type InfiniteData,
  QueryClient,
  useInfiniteQuery,
  useQuery,
  useSuspenseInfiniteQuery,
  useSuspenseQuery,
} from '@tanstack/react-query'
import type { AxiosInstance } from 'axios'
import type { KyInstance } from 'ky'
import type { KyInstance as Ky2Instance } from 'ky-2'
import type { AuthClient } from 'tokenflight'
import {
  authInfiniteQueryOptions,
  authQueryFn,
  authQueryOptions,
  authRetry,
  connectQueryClient,
  type QuerySource,
  readResponse,
} from 'tokenflight/react-query'
import * as valibot from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

declare const auth: AuthClient
const queryClient = new QueryClient()

interface User {
  id: number
  name?: string | undefined
}
const ZodUser = z.object({ id: z.number(), name: z.string().optional() })
const ValibotUser = valibot.object({ id: valibot.number(), name: valibot.optional(valibot.string()) })

describe('authQueryOptions', () => {
  const zod = authQueryOptions(auth, ['/users', { page: 1 }], z.array(ZodUser))
  const ofValibot = authQueryOptions(auth, ['/users'], valibot.array(ValibotUser))
  const parsed = authQueryOptions(auth, ['/users', 7], (data: unknown): User => ZodUser.parse(data))

  it('has the type that its schema gives out', () => {
    expectTypeOf(useQuery(zod).data).toEqualTypeOf<User[] | undefined>()
    expectTypeOf(useSuspenseQuery(zod).data).toEqualTypeOf<User[]>()
    expectTypeOf(useSuspenseQuery(ofValibot).data).toEqualTypeOf<User[]>()
    expectTypeOf(useSuspenseQuery(parsed).data).toEqualTypeOf<User>()
    expectTypeOf(useQuery({ ...zod, select: (users) => users.length }).data).toEqualTypeOf<number | undefined>()
    const transformed = authQueryOptions(auth, ['/n'], z.string().transform(Number))
    expectTypeOf(useSuspenseQuery(transformed).data).toEqualTypeOf<number>()
    const asynchronous = authQueryOptions(auth, ['/n'], async () => 1)
    expectTypeOf(useSuspenseQuery(asynchronous).data).toEqualTypeOf<number>()
  })

  it('gives its type to the cache by its key', () => {
    expectTypeOf(queryClient.getQueryData(zod.queryKey)).toEqualTypeOf<User[] | undefined>()
    expectTypeOf(zod.queryKey).toExtend<readonly ['/users', { readonly page: 1 }]>()
    expectTypeOf(queryClient.fetchQuery(zod)).resolves.toEqualTypeOf<User[]>()
    expectTypeOf(queryClient.prefetchQuery(zod)).resolves.toEqualTypeOf<void>()
  })

  it('needs a schema, and a key that is a list', () => {
    // @ts-expect-error without
    authQueryOptions(auth, ['/users'])
    // @ts-expect-error no schema
    authQueryOptions(auth, ['/users'], {})
    // @ts-expect-error no list
    authQueryOptions(auth, '/users', ZodUser)
  })
})

describe('authInfiniteQueryOptions', () => {
  const first: { cursor?: string } = {}
  const feed = authInfiniteQueryOptions(auth, ['/feed'], z.object({ next: z.string().nullable() }), {
    initialPageParam: first,
    getNextPageParam: ({ next }) => (next === null ? undefined : { cursor: next }),
  })
  type Feed = InfiniteData<{ next: string | null }>

  it('has the type of its pages', () => {
    expectTypeOf(useInfiniteQuery(feed).data).toEqualTypeOf<Feed | undefined>()
    expectTypeOf(useSuspenseInfiniteQuery(feed).data).toEqualTypeOf<Feed>()
  })
})

describe('the rest', () => {
  it('axios and ky, also ky 2, are sources', () => {
    expectTypeOf<AuthClient>().toExtend<QuerySource>()
    expectTypeOf<AxiosInstance>().toExtend<QuerySource>()
    expectTypeOf<KyInstance>().toExtend<QuerySource>()
    expectTypeOf<Ky2Instance>().toExtend<QuerySource>()
  })

  it('the defaults of a QueryClient take them', () => {
    new QueryClient({
      defaultOptions: {
        queries: { queryFn: authQueryFn(auth), retry: authRetry(3) },
        mutations: { retry: authRetry() },
      },
    })
    expectTypeOf(connectQueryClient(auth, queryClient)).toEqualTypeOf<() => void>()
  })

  it('readResponse has the type of its schema', () => {
    const response = new Response()
    expectTypeOf(readResponse(response)).resolves.toEqualTypeOf<unknown>()
    expectTypeOf(readResponse(response, ZodUser)).resolves.toEqualTypeOf<User>()
    expectTypeOf(readResponse(response, ValibotUser)).resolves.toEqualTypeOf<User>()
  })
})
