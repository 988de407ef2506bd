import { findTokenflightError } from '../../errors/find-tokenflight-error'
import { assertEqual } from '../assert-equal'
import { rejection } from './answers'
import type { TransportCase } from './world'

/** A refresher that speaks by the same client, without the session: what it rejects with says what happened (F11). */
export const refresherCases: readonly TransportCase[] = [
  {
    name: 'F11: a refresh by this client works',
    needs: ['plain'],
    world: { refresh: 'plain' },
    async run({ server, send }) {
      server.expireAccessTokens()
      assertEqual((await send('/things')).status, 200, 'it is sent again')
      assertEqual(server.counts.refreshes, 1, 'after one refresh')
    },
  },
  {
    name: "F11: this client's error of a 400 ends the session",
    needs: ['plain'],
    world: { refresh: 'plain' },
    async run({ server, auth, send }) {
      server.faults.token.always({ oauthError: 'invalid_grant' })
      server.expireAccessTokens()
      assertEqual((await send('/things')).status, 401, "the request's own 401")
      assertEqual(auth.state.status, 'signedOut', 'rejected')
    },
  },
  {
    name: "F11: this client's error of a 503, or of a broken connection, is an outage",
    needs: ['plain'],
    world: { refresh: 'plain' },
    async run({ server, auth, send }) {
      server.expireAccessTokens()
      for (const fault of [{ status: 503 }, { reset: true }] as const) {
        server.faults.token.next(fault)
        const error = findTokenflightError(await rejection(send('/things', { method: 'POST' })))
        assertEqual(error?.code, 'AUTH_REFRESH_UNAVAILABLE', 'unavailable')
      }
      assertEqual(auth.state.status, 'signedIn', 'the session goes on')
    },
  },
]
