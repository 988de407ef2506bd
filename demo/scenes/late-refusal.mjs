import { row } from './row.mjs'

const late = 3

/** @type {import('../play-scene.mjs').Scene} */
export const lateRefusal = {
  id: 'late',
  title: 'A late 401',
  story:
    'Three slow requests are refused too, but their 401s arrive when the storm has long been refreshed and answered.',
  point: 'A 401 with an old token is resent with the current one, and refreshes nothing.',
  async play({ servers, session, signIn, send, size }) {
    await signIn('alice')
    await servers.refuse()
    await servers.hold('lateAnswers')
    const slow = send(late, '/late')
    await servers.held('lateAnswers', late)
    const answers = await send(size)
    await servers.release('lateAnswers')
    const lateAnswers = await slow
    const counts = await servers.counts()
    return {
      servers: [
        row('refreshes', 1, counts.refreshes),
        row('requests to the API', 2 * (size + late), counts.requests),
        row('refused', size + late, counts.refused),
        row('accepted', size + late, counts.accepted),
      ],
      app: [
        row('answered 200', size, answers['200']),
        row('late ones answered 200', late, lateAnswers['200']),
        row('told to show the login', 0, session.told.unauthenticated),
      ],
    }
  },
}
