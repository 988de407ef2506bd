import { row } from './row.mjs'

/** @type {import('../play-scene.mjs').Scene} */
export const expiredStorm = {
  id: 'expired',
  title: 'A storm with a token known to be expired',
  story: 'The laptop wakes up, and every widget asks at once. The client knows that its token is over.',
  point: 'One refresh first; nobody is sent with the old token, so nobody is refused.',
  async play({ servers, session, signIn, expire, send, size }) {
    await signIn('alice')
    await expire()
    const answers = await send(size)
    const counts = await servers.counts()
    return {
      servers: [
        row('refreshes', 1, counts.refreshes),
        row('requests to the API', size, counts.requests),
        row('refused', 0, counts.refused),
        row('accepted', size, counts.accepted),
      ],
      app: [row('answered 200', size, answers['200']), row('told to show the login', 0, session.told.unauthenticated)],
    }
  },
}
