import { row } from './row.mjs'

/** @type {import('../play-scene.mjs').Scene} */
export const refusedStorm = {
  id: 'refused',
  title: 'A storm of refusals nobody could foresee',
  story: 'The API stops accepting a token that is unexpired: its signing key was withdrawn. All are refused together.',
  point: 'One refresh for all of them, and each is resent once.',
  async play({ servers, session, signIn, send, size }) {
    await signIn('alice')
    await servers.refuse()
    await servers.hold('refreshAnswers')
    const storm = send(size)
    await servers.until('refused', size)
    await servers.release('refreshAnswers')
    const answers = await storm
    const counts = await servers.counts()
    return {
      servers: [
        row('refreshes', 1, counts.refreshes),
        row('requests to the API', 2 * size, counts.requests),
        row('refused', size, counts.refused),
        row('accepted', size, counts.accepted),
      ],
      app: [row('answered 200', size, answers['200']), row('told to show the login', 0, session.told.unauthenticated)],
    }
  },
}
