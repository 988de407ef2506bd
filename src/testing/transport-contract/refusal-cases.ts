import { findTokenflightError } from '../../errors/find-tokenflight-error'
import { assertEqual } from '../assert-equal'
import { assertThat } from '../assert-that'
import { assertRejects, echoOf, rejection } from './answers'
import type { TransportCase } from './world'

const forbidden = 'Bearer error="insufficient_scope", scope="admin"'
/** More than `text()` gives. */
const long = 'x'.repeat(200_000)

/** What happens when the resource server refuses (R), and when the refresh does not help (F). */
export const refusalCases: readonly TransportCase[] = [
  {
    name: 'R1: a 403 starts no refresh',
    async run({ server, send }) {
      server.faults.api.next({ status: 403 })
      assertEqual((await send('/things')).status, 403, "it is the caller's")
      assertEqual(server.counts.tokenRequests, 0, 'no refresh')
    },
  },
  {
    name: 'R1: a 401 that asks for another scope starts no refresh',
    async run({ server, send }) {
      server.faults.api.next({ status: 401, headers: { 'www-authenticate': forbidden } })
      const response = await send('/things')
      assertEqual(response.status, 401, "it is the caller's")
      assertEqual(response.headers.get('www-authenticate'), forbidden, 'with its challenge')
      assertEqual(server.counts.tokenRequests, 0, 'no refresh')
    },
  },
  {
    name: 'R1: isTokenRefused sees the body of any status without taking it away',
    world: {
      client: {
        isTokenRefused: async (response) =>
          response.status === 200 && (await response.text())?.includes('UNAUTHENTICATED') === true,
      },
    },
    async run({ server, send }) {
      server.faults.api.next({ status: 200, body: { errors: ['UNAUTHENTICATED'] } })
      assertEqual(echoOf(await send('/graphql')).path, '/graphql', 'the refused one is sent again')
      assertEqual(server.counts.refreshes, 1, 'after a refresh')
    },
  },
  {
    name: 'R1: isTokenRefused may look at a long body, and its caller gets the whole',
    world: { client: { isTokenRefused: async (response) => (await response.text()) === '' } },
    async run({ server, send }) {
      server.faults.api.next({ status: 200, body: long })
      const { body } = await send('/things')
      assertEqual(body.length, long.length, 'all of it')
    },
  },
  {
    name: 'R2: a refusal of an older token than the current one is sent again without a refresh',
    async run({ server, send }) {
      const gate = server.holdApiRequests({ where: ({ url }) => url.endsWith('/late') })
      const late = send('/late')
      await gate.arrived()
      server.expireAccessTokens()
      assertEqual((await send('/early')).status, 200, 'the token is refreshed meanwhile')
      gate.release()
      assertEqual((await late).status, 200, 'the late one is let in with it')
      assertEqual(server.counts.refreshes, 1, 'one refresh')
    },
  },
  {
    name: 'R3: 50 requests refused together make one refresh and 50 resends',
    async run({ server, send }) {
      server.expireAccessTokens()
      const responses = await Promise.all(Array.from({ length: 50 }, (_, at) => send(`/things/${at}`)))
      responses.forEach((response, at) => {
        assertEqual(response.status, 200, 'it is let in')
        assertEqual(echoOf(response).path, `/things/${at}`, 'each gets its own answer')
      })
      assertEqual(server.counts.refreshes, 1, 'one refresh')
      assertThat(server.counts.api.requests <= 100, 'each is sent twice at most')
    },
  },
  {
    name: 'R4: the second 401 is handed out as it is, and signs nobody out',
    world: { server: { challenge: 'json' } },
    async run({ server, auth, send }) {
      server.faults.api.always({ refuse: true })
      const response = await send('/things')
      assertEqual([response.status, response.body], [401, '{"error":"authentication failed"}'], 'the 401 with its body')
      assertEqual(server.counts.api.requests, 2, 'sent twice')
      assertEqual(auth.state.status, 'signedIn', 'the session goes on')
    },
  },
  {
    name: 'R4: the second 401 is asked about too, and signs out where the client is told so',
    world: { client: { signOutOnSecondRefusal: true } },
    async run({ server, auth, send }) {
      server.faults.api.always({ refuse: true })
      assertEqual((await send('/things')).status, 401, "it is the caller's")
      assertEqual(auth.state.status, 'signedOut', 'the session is over')
    },
  },
  {
    name: 'R5: a server that refuses every token causes one refresh, not one for each request',
    async run({ server, send }) {
      server.faults.api.always({ refuse: true })
      for (let request = 0; request < 10; request += 1) assertEqual((await send('/things')).status, 401, 'refused')
      assertEqual(server.counts.refreshes, 1, 'one refresh')
    },
  },
  {
    name: 'R6: other answers and failures are untouched',
    async run({ server, send }) {
      server.faults.api.next({ status: 500, body: 'broken' }, { reset: true })
      const { status, body } = await send('/things', { method: 'POST' })
      assertEqual([status, body], [500, 'broken'], "the server's answer")
      assertEqual(
        findTokenflightError(await rejection(send('/things', { method: 'POST' }))),
        undefined,
        "a connection that breaks is the client's own error",
      )
      assertEqual(server.counts.tokenRequests, 0, 'no refresh')
    },
  },
  {
    name: 'R7: a 401 that is handed out after a wait has its status, headers and body',
    world: { server: { challenge: 'json' } },
    async run({ server, send, auth }) {
      server.faults.token.always({ oauthError: 'invalid_grant' })
      server.expireAccessTokens()
      const response = await send('/things')
      assertEqual([response.status, response.body], [401, '{"error":"token expired"}'], 'as the server sent it')
      assertEqual(response.headers.get('content-type'), 'application/json', 'with its headers')
      assertEqual(auth.state.status, 'signedOut', 'F6: the session is over')
    },
  },
  {
    name: 'F6: a request that was not sent when the session ended rejects',
    async run({ server, clock, send }) {
      server.faults.token.always({ oauthError: 'invalid_grant' })
      await clock.advance(300_000)
      await assertRejects(send('/things'), 'AUTH_UNAUTHENTICATED')
      assertEqual(server.counts.api.requests, 0, 'it was not sent')
    },
  },
  {
    name: 'F5: an outage of the authorization server rejects, also those that were refused, and signs nobody out',
    async run({ server, auth, send }) {
      server.faults.token.always({ status: 503 })
      server.expireAccessTokens()
      const error = findTokenflightError(await rejection(send('/things', { method: 'POST' })))
      assertEqual(error?.code, 'AUTH_REFRESH_UNAVAILABLE', 'it does not look like a sign-out')
      assertEqual(error?.retryable, true, 'and can be tried again')
      assertEqual(auth.state.status, 'signedIn', 'the session goes on')
    },
  },
]
