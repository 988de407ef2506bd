import { row } from './row.mjs'

/** @type {import('../play-scene.mjs').Scene} */
export const otherUser = {
  id: 'other-user',
  title: 'A second user',
  story: "Alice's requests wait for her refresh when Bob signs in. Her new tokens arrive while he works.",
  point: "No request goes out for Alice any more, and none of Bob's with her token.",
  async play({ servers, session, signIn, send, size }) {
    await signIn('alice')
    await servers.refuse()
    await servers.hold('refreshAnswers')
    const alices = send(size)
    await servers.until('refused', size)
    await servers.held('refreshAnswers', 1)
    await signIn('bob')
    const alicesAnswers = await alices
    const before = await send(size)
    await servers.release('refreshAnswers')
    await servers.until('revocations', 1)
    const after = await send(size)
    const counts = await servers.counts()
    return {
      servers: [
        row("refreshes (Alice's)", 1, counts.refreshes),
        row('her late refresh token revoked', 1, counts.revocations),
        row('accepted for Alice', 0, counts.acceptedFor['alice']),
        row('accepted for Bob', 2 * size, counts.acceptedFor['bob']),
      ],
      app: [
        row("Alice's: got their own 401, at once", size, alicesAnswers['401']),
        row("Bob's: answered 200", 2 * size, (before['200'] ?? 0) + (after['200'] ?? 0)),
        row('told to show the login', 0, session.told.unauthenticated),
      ],
    }
  },
}
