import { row } from './row.mjs'

/** @type {import('../play-scene.mjs').Scene} */
export const outage = {
  id: 'outage',
  title: 'An outage of the authorization server',
  story: 'The token is over, and the token endpoint answers 503. Then it is back, and the app tries again.',
  point:
    'Three tries for all together, then AUTH_REFRESH_UNAVAILABLE, an error that says "try again". Nobody is signed out.',
  async play({ servers, session, signIn, expire, send, size }) {
    await signIn('alice')
    await expire()
    await servers.outage(true)
    const during = await send(size)
    const then = await servers.counts()
    const stillSignedIn = session.auth.state.status === 'signedIn'
    await servers.outage(false)
    const after = await send(size)
    const counts = await servers.counts()
    return {
      servers: [
        row('during it: requests for a token', 3, then.tokenRequests),
        row('during it: requests to the API', 0, then.requests),
        row('after it: refreshes', 1, counts.refreshes),
        row('after it: requests to the API', size, counts.requests),
        row('after it: accepted', size, counts.accepted),
      ],
      app: [
        row('during it: told to try again', size, during['AUTH_REFRESH_UNAVAILABLE']),
        row('during it: signed in', true, stillSignedIn),
        row('after it: answered 200', size, after['200']),
        row('told to show the login', 0, session.told.unauthenticated),
      ],
    }
  },
}
