// A resource server and a token endpoint, as fast as node:http lets them be: what is measured is the clients. Runs in its own process.
import { createServer } from 'node:http'

let serial = 1
let accepted = 'access-1'
const counts = { requests: 0, refused: 0, refreshes: 0 }

const routes = {
  '/token': () => {
    counts.refreshes += 1
    serial += 1
    accepted = `access-${serial}`
    return { access_token: accepted, refresh_token: `refresh-${serial}`, token_type: 'Bearer', expires_in: 3600 }
  },
  // everything issued until now is refused
  '/expire': () => {
    accepted = 'none'
    Object.assign(counts, { requests: 0, refused: 0, refreshes: 0 })
    return {}
  },
  '/counts': () => counts,
}

const server = createServer((request, response) => {
  const route = routes[request.url]
  if (route) return request.resume().on('end', () => json(response, route()))
  counts.requests += 1
  request.resume()
  if (request.headers.authorization === `Bearer ${accepted}`) return json(response, { ok: true })
  counts.refused += 1
  // as ASP.NET Core answers
  response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"', 'content-length': '0' }).end()
})

function json(response, value) {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

// idle connections outlast the turns of the other clients
server.keepAliveTimeout = 120_000
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit())
