import { row } from './row.mjs'

/** @type {import('../play-scene.mjs').Scene} */
export const signOut = {
  id: 'sign-out',
  title: 'A sign-out in the middle of a refresh',
  story: 'All wait for the refresh when the user signs out. The new tokens arrive after that.',
  point: 'Nobody is resent; the late tokens are thrown away and revoked. A sign-out stays one.',
  async play({ servers, session, signIn, send, size }) {
    const { auth } = session
    await signIn('alice')
    await servers.refuse()
    await servers.hold('refreshAnswers')
    const storm = send(size)
    await servers.until('refused', size)
    await servers.held('refreshAnswers', 1)
    await auth.signOut()
    const answers = await storm
    await servers.release('refreshAnswers')
    await servers.until('revocations', 2)
    const counts = await servers.counts()
    return {
      servers: [
        row('refreshes', 1, counts.refreshes),
        row('requests to the API', size, counts.requests),
        row('refused', size, counts.refused),
        row('accepted', 0, counts.accepted),
        row('refresh tokens revoked, the late one too', 2, counts.revocations),
      ],
      app: [
        row('got their own 401, at once', size, answers['401']),
        row('signed in', false, auth.state.status === 'signedIn'),
        row('told to show the login', 0, session.told.unauthenticated),
      ],
    }
  },
}
