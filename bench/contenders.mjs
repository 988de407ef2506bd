import { bearerTokenAuthenticationPolicy, createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline'
import { createAlova } from 'alova'
import { createServerTokenAuthentication } from 'alova/client'
import adapterFetch from 'alova/fetch'
import { Mutex } from 'async-mutex'
import axios from 'axios'
import { createAuthRefresh } from 'axios-auth-refresh'
import ky from 'ky'
import { createAuthClient } from 'tokenflight'
import { axiosWithAuth } from 'tokenflight/axios'
import { kyWithAuth } from 'tokenflight/ky'

/**
 * What a contender is made with: where to send, with what, which token to begin with, and when that expires (`undefined`: nobody knows).
 * @typedef {{ url: string, fetch: typeof fetch, axios: object, accessToken: string, expiresIn?: number, refresh(): Promise<string> }} World
 */

const bearer = (accessToken) => ({ authorization: `Bearer ${accessToken}` })

function session({ url, fetch, accessToken, expiresIn, refreshToken = 'refresh-1' }) {
  const auth = createAuthClient({
    baseUrl: url,
    fetch,
    refresh: (context) =>
      context.fetch('/token', {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: context.refreshToken }),
      }),
    refreshAheadMs: 0,
  })
  auth.signIn({ accessToken, refreshToken, ...(expiresIn === undefined ? {} : { expiresIn }) })
  return auth
}
const ok = async (response) => {
  await response.arrayBuffer()
  if (!response.ok) throw new Error(String(response.status))
}
const plainAxios = (world) => axios.create({ baseURL: world.url, ...world.axios })

/** The raw clients: each with a valid token, nothing else. */
export const raw = [
  {
    name: 'fetch',
    make: ({ url, fetch, accessToken }) => {
      const headers = bearer(accessToken)
      return () => fetch(`${url}/x`, { headers }).then(ok)
    },
  },
  {
    name: 'axios',
    make: (world) => {
      const http = plainAxios(world)
      const headers = bearer(world.accessToken)
      return () => http.get('/x', { headers })
    },
  },
  {
    name: 'ky',
    make: ({ url, fetch, accessToken }) => {
      const http = ky.create({ fetch, retry: 0, timeout: false })
      const headers = bearer(accessToken)
      return () => http(`${url}/x`, { headers }).then(ok)
    },
  },
]

export const ours = [
  {
    name: 'tokenflight fetch',
    over: 'fetch',
    knowsExpiry: true,
    make: (world) => {
      const auth = session(world)
      const url = `${world.url}/x`
      return () => auth.fetch(url).then(ok)
    },
  },
  {
    name: 'tokenflight axios',
    over: 'axios',
    knowsExpiry: true,
    make: (world) => {
      const http = axiosWithAuth(session(world), plainAxios(world))
      return () => http.get('/x')
    },
  },
  {
    name: 'tokenflight ky',
    over: 'ky',
    knowsExpiry: true,
    make: (world) => {
      const http = kyWithAuth(session(world), ky.create({ fetch: world.fetch, retry: 0, timeout: false }))
      return () => http(`${world.url}/x`).then(ok)
    },
  },
]

function authRefresh(options) {
  return (world) => {
    const http = plainAxios(world)
    let { accessToken } = world
    http.interceptors.request.use((config) => {
      config.headers.set('authorization', `Bearer ${accessToken}`)
      return config
    })
    createAuthRefresh(
      http,
      async () => {
        accessToken = await world.refresh()
      },
      options,
    )
    return () => http.get('/x')
  }
}

export const peers = [
  { name: 'axios-auth-refresh', over: 'axios', make: authRefresh({}) },
  { name: 'axios-auth-refresh, not de-duplicated', over: 'axios', make: authRefresh({ deduplicateRefresh: false }) },
  {
    name: 'failedQueue interceptor',
    over: 'axios',
    make: (world) => {
      const http = plainAxios(world)
      let { accessToken } = world
      let refreshing = false
      let queue = []
      http.interceptors.request.use((config) => {
        config.headers.set('authorization', `Bearer ${accessToken}`)
        return config
      })
      http.interceptors.response.use(undefined, (error) => {
        const { config, response } = error
        if (response?.status !== 401 || config._retry) return Promise.reject(error)
        config._retry = true
        if (refreshing)
          return new Promise((resolve, reject) => queue.push({ resolve, reject })).then(() => http(config))
        refreshing = true
        return world
          .refresh()
          .then((token) => {
            accessToken = token
            for (const waiter of queue) waiter.resolve()
            queue = []
          })
          .finally(() => {
            refreshing = false
          })
          .then(() => http(config))
      })
      return () => http.get('/x')
    },
  },
  {
    name: 'fetch + async-mutex',
    over: 'fetch',
    make: ({ url, fetch, accessToken, refresh }) => {
      const mutex = new Mutex()
      const send = () => fetch(`${url}/x`, { headers: bearer(accessToken) })
      return async () => {
        await mutex.waitForUnlock()
        let response = await send()
        if (response.status === 401) {
          await response.arrayBuffer()
          if (mutex.isLocked()) await mutex.waitForUnlock()
          else {
            await mutex.runExclusive(async () => {
              accessToken = await refresh()
            })
          }
          response = await send()
        }
        return ok(response)
      }
    },
  },
  {
    name: 'alova',
    over: 'fetch',
    make: (world) => {
      let { accessToken } = world
      const { onAuthRequired, onResponseRefreshToken } = createServerTokenAuthentication({
        assignToken: (method) => Object.assign(method.config.headers, bearer(accessToken)),
        refreshTokenOnSuccess: {
          isExpired: (response) => response.status === 401,
          handler: async () => {
            accessToken = await world.refresh()
          },
        },
      })
      const client = createAlova({
        baseURL: world.url,
        cacheFor: null,
        shareRequest: false,
        requestAdapter: adapterFetch({ customFetch: world.fetch }),
        beforeRequest: onAuthRequired(),
        responded: onResponseRefreshToken(async (response) => {
          await response.arrayBuffer()
          return response.status
        }),
      })
      return async () => {
        const status = await client.Get('/x').send()
        if (status !== 200) throw new Error(String(status))
      }
    },
  },
]

/** Azure's policy answers no plain 401: it is measured where nothing is refused. */
export const azure = {
  name: 'Azure bearer policy',
  over: 'fetch',
  make: ({ url, fetch, accessToken }) => {
    const token = { token: accessToken, expiresOnTimestamp: Date.now() + 3_600_000 }
    const policy = bearerTokenAuthenticationPolicy({ scopes: 'api', credential: { getToken: async () => token } })
    const send = async (request) => {
      const response = await fetch(request.url, { headers: request.headers.toJSON() })
      await response.arrayBuffer()
      return { request, status: response.status, headers: createHttpHeaders() }
    }
    // the policy insists on https; the stub does not look
    const secure = url.replace('http:', 'https:')
    return () => policy.sendRequest(createPipelineRequest({ url: `${secure}/x` }), send)
  },
}
