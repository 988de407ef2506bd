import { assertEqual } from '../assert-equal'
import { assertThat } from '../assert-that'
import { assertRejects, echoOf } from './answers'
import type { TransportCase } from './world'

const customHeader = { server: { header: 'x-token', scheme: '' }, client: { header: 'x-token', scheme: '' } } as const

/** Who gets the token (A). */
export const attachingCases: readonly TransportCase[] = [
  {
    name: "A1: the client's own origin gets the token",
    async run({ server, send }) {
      assertEqual((await send('/things')).status, 200, 'the request is let in')
      assertEqual(server.counts.api.requests, 1, 'at once')
    },
  },
  {
    name: 'A1: another origin gets nothing, and its 401 starts no refresh',
    async run({ server, elsewhere, send }) {
      assertEqual((await send(`${elsewhere.url}/401`)).status, 401, "the answer is the caller's")
      assertEqual(elsewhere.requests.length, 1, 'it is sent once')
      assertEqual(elsewhere.requests[0]?.get('authorization'), null, 'without a token')
      assertEqual(server.counts.tokenRequests, 0, 'no refresh')
    },
  },
  {
    name: 'A3: an authorization of its own stays, is not sent again and starts no refresh',
    async run({ server, send, events }) {
      assertEqual((await send('/things', { headers: { Authorization: 'Basic b3duOm93bg==' } })).status, 401, 'its 401')
      assertEqual(server.counts.api.requests, 1, 'it is sent once')
      assertEqual(server.counts.tokenRequests, 0, 'no refresh')
      assertThat(events.includes('tokenWithheld'), 'A8: an event says so')
    },
  },
  {
    name: "A3: the session's own token, set by the caller, counts as ours",
    async run({ server, auth, send }) {
      const { accessToken = '' } = auth.getTokens() ?? {}
      server.expireAccessTokens()
      const { status } = await send('/things', { headers: { Authorization: `Bearer ${accessToken}` } })
      assertEqual(status, 200, 'it is sent again with another token')
      assertEqual(server.counts.refreshes, 1, 'one refresh')
    },
  },
  {
    name: 'A4: authenticate: false is sent untouched, and its 401 starts no refresh',
    async run({ server, send }) {
      assertEqual((await send('/things', { authenticate: false })).status, 401, 'it carries no token')
      assertEqual(server.counts.api.requests, 1, 'it is sent once')
      assertEqual(server.counts.tokenRequests, 0, 'no refresh')
    },
  },
  {
    name: "A4: authenticate: 'required' is not sent while nobody is signed in",
    world: { signedIn: false },
    async run({ server, send }) {
      await assertRejects(send('/things', { authenticate: 'required' }), 'AUTH_UNAUTHENTICATED')
      assertEqual(server.counts.api.requests, 0, 'the server sees nothing of it')
    },
  },
  {
    name: 'A4: the client decides for requests that do not say, by their URL and method',
    world: { client: { authenticate: ({ url, method }) => !(method === 'POST' && url.endsWith('/login')) } },
    async run({ send }) {
      assertEqual((await send('/login', { method: 'POST' })).status, 401, 'untouched')
      assertEqual((await send('/login')).status, 200, 'with a token')
      assertEqual((await send('/login', { method: 'POST', authenticate: true })).status, 200, 'the request overrules')
    },
  },
  {
    name: 'A5: a redirect to another origin does not carry the token',
    needs: ['redirect'],
    async run({ elsewhere, send }) {
      await send('/away/200')
      assertEqual(elsewhere.requests.length, 1, 'it is followed')
      assertEqual(elsewhere.requests[0]?.get('authorization'), null, 'without the token')
    },
  },
  {
    name: 'A5: a redirect to another origin does not carry the token in a header of another name either',
    needs: ['redirect'],
    world: customHeader,
    async run({ elsewhere, send }) {
      assertEqual((await send('/things')).status, 200, 'the header is used')
      // whether it is followed is up to the client: not every one can follow and leave the header behind
      await send('/away/200').catch(() => undefined)
      for (const headers of elsewhere.requests) assertEqual(headers.get('x-token'), null, 'without the token')
    },
  },
  {
    name: 'A5: a redirect within the origin keeps the token',
    needs: ['redirect'],
    async run({ send }) {
      const response = await send('/around')
      assertEqual(response.status, 200, 'it is let in')
      assertEqual(echoOf(response).path, '/landed', 'at the end of the redirect')
    },
  },
  {
    name: 'A5: a 401 of another origin after a redirect starts no refresh',
    needs: ['redirect', 'finalUrl'],
    async run({ server, send }) {
      assertEqual((await send('/away/401')).status, 401, "it is the caller's")
      assertEqual(server.counts.tokenRequests, 0, 'no refresh')
      assertEqual(server.counts.api.requests, 1, 'sent once')
    },
  },
  {
    name: 'A7: without a session it goes out without a token, and its 401 is the caller’s',
    world: { signedIn: false },
    async run({ server, send, events }) {
      assertEqual((await send('/things')).status, 401, 'the 401')
      assertEqual(server.counts.api.requests, 1, 'sent once')
      assertThat(events.includes('unauthenticated'), 'S3: the login can be shown')
    },
  },
]
