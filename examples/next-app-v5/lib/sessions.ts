import { createClient } from 'redis'
import { createNextAuthServer } from 'tokenflight/next-auth/server'
import { redisGraceStore } from 'tokenflight/redis'
import { apiOptions } from './api'

export const authServerUrl = process.env.AUTH_SERVER_URL ?? 'http://localhost:4000'

/** next-auth's sessions, refreshed once for all: see auth.ts, proxy.ts and the server component. */
export const sessions = createNextAuthServer({
  ...apiOptions,
  refresh: ({ refreshToken, fetch, signal }) =>
    fetch(`${authServerUrl}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
      signal,
    }),
  federated: { clientId: 'next-app', revocationEndpoint: `${authServerUrl}/revoke` },
  ...sharedStore(process.env.REDIS_URL),
})

/** Several processes know of each other's refreshes through Redis. One alone keeps them in memory. */
function sharedStore(url: string | undefined) {
  if (url === undefined) return {}
  const redis = createClient({ url })
  redis.on('error', (error) => console.error(error))
  void redis.connect()
  return { store: redisGraceStore(redis) }
}
