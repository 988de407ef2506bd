// The hand-written answers to a 401 that docs/migrating.md starts from, as they are usually found.
import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client'
import ky from 'ky'
import { peers } from './contenders.mjs'

const named = (name) => peers.find((peer) => peer.name === name)

const kyHooks = {
  name: 'ky hooks',
  make({ url, accessToken, refresh }) {
    const http = ky.create({
      retry: 0,
      hooks: {
        beforeRequest: [(request) => request.headers.set('authorization', `Bearer ${accessToken}`)],
        afterResponse: [
          async (request, _options, response) => {
            if (response.status !== 401) return response
            accessToken = await refresh()
            request.headers.set('authorization', `Bearer ${accessToken}`)
            return ky(request, { retry: 0 })
          },
        ],
      },
    })
    return () => http(`${url}/x`)
  },
}

const badgateway = {
  name: 'badgateway oauth2-client',
  make({ url, accessToken, refreshToken }) {
    const client = new OAuth2Client({
      server: url,
      clientId: 'app',
      tokenEndpoint: '/token',
      authenticationMethod: 'client_secret_post',
    })
    const wrapper = new OAuth2Fetch({
      client,
      getNewToken: () => null,
      getStoredToken: () => ({ accessToken, refreshToken, expiresAt: null }),
      scheduleRefresh: false,
    })
    return async () => {
      const response = await wrapper.fetch(`${url}/x`)
      if (!response.ok) throw new Error(String(response.status))
    }
  },
}

export const recipes = [
  named('failedQueue interceptor'),
  named('axios-auth-refresh'),
  named('alova'),
  kyHooks,
  named('fetch + async-mutex'),
  badgateway,
]
