// What a server counts when five requests meet a refused token: the figures of docs/migrating.md.
import { fakeAuthorizationServer, serve } from 'tokenflight/testing'
import { ours } from './contenders.mjs'
import { table } from './measure.mjs'
import { recipes } from './recipes.mjs'

const scenes = {
  'five refused together': (server, call) => {
    server.refuseAccessTokens()
    return Promise.allSettled(Array.from({ length: 5 }, () => call()))
  },
  'a late 401': async (server, call) => {
    let seen = 0
    server.refuseAccessTokens()
    const gate = server.holdApiRequests({
      afterActing: true,
      where: () => {
        seen += 1
        return seen === 1
      },
    })
    const late = call()
    await gate.arrived(1)
    const [early] = await Promise.allSettled([call()])
    gate.release()
    return [early, ...(await Promise.allSettled([late]))]
  },
  'an outage of the token endpoint': async (server, call) => {
    server.refuseAccessTokens()
    server.faults.token.next({ status: 503 })
    const first = await Promise.allSettled([call()])
    return [...first, ...(await Promise.allSettled([call()]))]
  },
}
const rows = []
for (const [scene, play] of Object.entries(scenes)) {
  for (const { name, make } of [...recipes, ...ours]) {
    const server = fakeAuthorizationServer()
    const { url, close } = await serve(server.handle)
    const tokens = server.signIn()
    let refreshToken = tokens.refresh_token
    const world = {
      url,
      fetch: globalThis.fetch,
      axios: {},
      accessToken: tokens.access_token,
      refreshToken,
      async refresh() {
        const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken })
        const response = await fetch(`${url}/token`, { method: 'POST', body })
        if (!response.ok) throw new Error(`refresh: ${response.status}`)
        const answer = await response.json()
        refreshToken = answer.refresh_token
        return answer.access_token
      },
    }
    const settled = await play(server, make(world))
    const succeeded = settled.filter(({ status }) => status === 'fulfilled').length
    const { tokenRequests, familiesRevoked } = server.counts
    rows.push([scene, name, tokenRequests, familiesRevoked > 0 ? 'yes' : 'no', `${succeeded} of ${settled.length}`])
    await close()
  }
}
console.log(table(['scene', 'client', 'refresh calls', 'family revoked', 'requests that succeed'], rows))
