// What the examples sign in to: an authorization server that rotates refresh tokens and ends the session when one is used twice, and
// the API it protects. `node examples/server.mjs [port]`
import { argv } from 'node:process'
import { fakeAuthorizationServer, serve } from 'tokenflight/testing'

const server = fakeAuthorizationServer({ accessTokenTtlMs: 20_000, apiPath: '/api', cors: true })
server.onExchange(({ method, path, status, shown, issued }) => {
  console.log([method, path, status, shown && `with ${shown}`, issued && `gave ${issued}`].filter(Boolean).join(' '))
})
const { url } = await serve(server.handle, { port: Number(argv[2] ?? 4800) })
console.log(`authorization server and API on ${url}, access tokens live 20 seconds`)
