import axios from 'axios'
import ky from 'ky'
import { createAuthClient } from 'tokenflight'
import { axiosWithAuth } from 'tokenflight/axios'
import { kyWithAuth } from 'tokenflight/ky'

/** @typedef {'fetch' | 'axios' | 'ky'} ClientName */
/** @typedef {Partial<import('tokenflight').AuthClientOptions>} ClientOptions */

/**
 * @typedef {object} Session
 * @property {import('tokenflight').AuthClient} auth
 * @property {Record<ClientName, (path: string) => Promise<number>>} get a GET request to the API; resolves with its status
 * @property {Partial<Record<import('tokenflight').AuthEventName, number>>} told how often each event came
 */

/** @type {readonly ClientName[]} */
export const clientNames = ['fetch', 'axios', 'ky']

/**
 * One session, and three HTTP clients that borrow it: as an app would write it.
 * @param {import('./servers.mjs').Urls} urls
 * @param {object} [own] what a page or a test puts in its place
 * @param {ClientOptions} [own.options]
 * @param {import('axios').AxiosAdapter} [own.adapter]
 * @returns {Session}
 */
export function createSession({ api, authorization }, { options = {}, adapter } = {}) {
  const auth = createAuthClient({
    baseUrl: api,
    // the scenes hold the refresh back themselves, also on a slow machine
    refreshTimeoutMs: 60_000,
    refresh: ({ refreshToken, fetch, signal }) =>
      fetch(`${authorization}/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
        signal,
      }),
    revoke: ({ refreshToken = '', fetch, signal }) =>
      fetch(`${authorization}/revoke`, { method: 'POST', body: new URLSearchParams({ token: refreshToken }), signal }),
    ...options,
  })
  const http = axiosWithAuth(auth, axios.create(adapter && { adapter }))
  // no retries of ky's own, so that the servers count what the session does
  const kyApi = kyWithAuth(auth, ky.create({ retry: 0, ...(options.fetch && { fetch: options.fetch }) }))

  /** @type {Session['told']} */
  const told = {}
  auth.on('*', (name) => {
    told[name] = (told[name] ?? 0) + 1
  })
  return {
    auth,
    told,
    get: {
      fetch: async (path) => read(await auth.fetch(path)),
      axios: async (path) => (await http.get(path)).status,
      ky: async (path) => read(await kyApi.get(api + path)),
    },
  }
}

/** @param {Response} response read to its end, so that its connection is free again */
async function read(response) {
  await response.arrayBuffer()
  return response.status
}
