import { createTRPCClient, type getFetch, httpLink, splitLink } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { Client, fetchExchange, gql } from '@urql/core'
import { createFetch, ofetch } from 'ofetch'
import createOpenApiClient from 'openapi-fetch'
import { describe, expect, it } from 'vitest'
import type { AuthClient } from '../../src'
import type { ApiHandler } from '../../src/testing'
import { startSession } from '../support/start-session'

/** A session whose access token the API refuses from now on, over real sockets. */
async function refusedSession(api?: ApiHandler) {
  const session = await startSession({ sockets: true, server: api ? { api } : {} })
  session.server.expireAccessTokens()
  return { ...session, anonymous: anonymous(session.auth) }
}

/** The way to opt single calls out where a library does not hand on what it does not know. */
const anonymous =
  (auth: AuthClient): typeof fetch =>
  (input, init) =>
    auth.fetch(input, { ...init, authenticate: false })

type FetchEsque = ReturnType<typeof getFetch>

const oneRefresh = { tokenRequests: 1, refreshes: 1 }
const json = (value: unknown) =>
  new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } })

describe('auth.fetch is the plug for', () => {
  it('openapi-fetch, which opts a call out by its own `fetch`', async () => {
    interface Paths {
      '/users': {
        post: {
          requestBody: { content: { 'application/json': { name: string } } }
          responses: { 200: { content: { 'application/json': { body: string } } } }
        }
      }
    }
    const { auth, server, baseUrl, anonymous } = await refusedSession()
    const client = createOpenApiClient<Paths>({ baseUrl, fetch: auth.fetch })
    const calls = await Promise.all(['a', 'b', 'c'].map((name) => client.POST('/users', { body: { name } })))
    expect(calls.map(({ data }) => data?.body)).toEqual(['{"name":"a"}', '{"name":"b"}', '{"name":"c"}'])
    expect(server.counts).toMatchObject(oneRefresh)
    const { response } = await client.POST('/users', { body: { name: 'd' }, fetch: anonymous })
    expect(response.status).toBe(401)
  })

  it('ofetch, which opts calls out by an instance of their own', async () => {
    const { auth, server, baseUrl, anonymous } = await refusedSession()
    const api = createFetch({ defaults: { baseURL: baseUrl, retry: 0 }, fetch: auth.fetch })
    const calls = await Promise.all([1, 2, 3].map((page) => api('/users', { method: 'POST', body: { page } })))
    expect(calls.map(({ body }) => body)).toEqual(['{"page":1}', '{"page":2}', '{"page":3}'])
    expect(server.counts).toMatchObject(oneRefresh)
    const open = ofetch.create({ baseURL: baseUrl, retry: 0 }, { fetch: anonymous })
    await expect(open('/users')).rejects.toMatchObject({ status: 401 })
  })

  it('@urql/core, which opts an operation out by the `fetch` of its context', async () => {
    const { auth, server, baseUrl, anonymous } = await refusedSession((_, { user }) => json({ data: { me: user } }))
    const client = new Client({
      url: `${baseUrl}/graphql`,
      fetch: auth.fetch,
      exchanges: [fetchExchange],
      preferGetMethod: false,
    })
    const me = gql`query Me { me }`
    const calls = await Promise.all([1, 2, 3].map((n) => client.query(me, { n })))
    expect(calls.map(({ data }) => data)).toEqual(Array(3).fill({ me: 'user' }))
    expect(server.counts).toMatchObject(oneRefresh)
    const { error } = await client.query(me, {}, { fetch: anonymous })
    expect(error?.response.status).toBe(401)
  })

  it("tRPC's client, which opts procedures out by a link of their own", async () => {
    const t = initTRPC.create()
    const router = t.router({ hello: t.procedure.query(() => 'hello') })
    const { auth, server, baseUrl, anonymous } = await refusedSession((req) =>
      fetchRequestHandler({ req, router, endpoint: '/trpc' }),
    )
    const url = `${baseUrl}/trpc`
    const client = createTRPCClient<typeof router>({
      links: [
        splitLink({
          condition: ({ context }) => context['anonymous'] === true,
          // the casts are for `exactOptionalPropertyTypes` alone: the global fetch needs them just so
          true: httpLink({ url, fetch: anonymous as FetchEsque }),
          false: httpLink({ url, fetch: auth.fetch as FetchEsque }),
        }),
      ],
    })
    expect(await Promise.all([1, 2, 3].map(() => client.hello.query()))).toEqual(Array(3).fill('hello'))
    expect(server.counts).toMatchObject(oneRefresh)
    const { refused } = server.counts.api
    await expect(client.hello.query(undefined, { context: { anonymous: true } })).rejects.toThrow()
    expect(server.counts.api.refused).toBe(refused + 1)
    expect(server.counts).toMatchObject(oneRefresh)
  })
})
