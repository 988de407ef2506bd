import { assertEqual } from '../assert-equal'
import { assertThat } from '../assert-that'
import { ContractBrokenError } from '../contract-broken-error'
import { within } from '../within'
import { rejection } from './answers'
import type { TransportCase } from './world'

/** Requests that wait for a refresh (Q). */
export const waitingCases: readonly TransportCase[] = [
  {
    name: 'Q1: a request whose token has expired waits for the refresh, and is sent once',
    async run({ server, clock, send }) {
      await clock.advance(300_000)
      assertEqual((await send('/things')).status, 200, 'it is let in')
      assertEqual(server.counts.api.requests, 1, 'sent once')
      assertEqual(server.counts.refreshes, 1, 'after one refresh')
    },
  },
  {
    name: 'Q2: who is canceled while waiting rejects at once and is never sent; nobody else notices',
    needs: ['signal'],
    async run({ server, clock, send }) {
      const gate = server.holdTokenRequests()
      await clock.advance(300_000)
      const controller = new AbortController()
      const canceled = rejection(send('/canceled', { signal: controller.signal }))
      const other = send('/other')
      await gate.arrived()
      controller.abort()
      await within(canceled, 'it rejects at once')
      assertEqual(gate.waiting, 1, 'the refresh goes on')
      gate.release()
      assertEqual((await other).status, 200, 'the other one is let in')
      assertEqual(server.counts.api.requests, 1, 'only that one was sent')
      assertEqual(server.counts.refreshes, 1, 'one refresh')
    },
  },
  {
    name: 'Q2: who is canceled while waiting to be sent again rejects at once and is not sent again',
    needs: ['signal'],
    async run({ server, send }) {
      const gate = server.holdTokenRequests()
      server.expireAccessTokens()
      const controller = new AbortController()
      const canceled = rejection(send('/canceled', { signal: controller.signal }))
      await gate.arrived()
      controller.abort()
      await within(canceled, 'it rejects at once')
      gate.release()
      assertEqual((await send('/other')).status, 200, 'the session goes on')
      assertEqual(server.counts.api.requests, 2, 'one sending each')
      assertEqual(server.counts.refreshes, 1, 'one refresh')
    },
  },
  {
    name: 'Q2: who is canceled already starts no refresh',
    needs: ['signal'],
    async run({ server, clock, send }) {
      await clock.advance(300_000)
      await rejection(send('/things', { signal: AbortSignal.abort() }))
      assertEqual(server.counts.tokenRequests, 0, 'no refresh')
      assertEqual(server.counts.api.requests, 0, 'not sent')
    },
  },
  {
    name: 'R7: requests that wait to be sent again leave room for others',
    world: { server: { challenge: () => new Response('x'.repeat(300_000), { status: 401 }) } },
    async run({ server, send }) {
      const gate = server.holdTokenRequests()
      server.expireAccessTokens()
      const sent = Array.from({ length: 30 }, (_, at) => send(`/things/${at}`))
      // the refresh itself needs a connection
      await Promise.race([gate.arrived(), Promise.all(sent).then(() => brokenOff())])
      gate.release()
      const statuses = await Promise.all(sent.map(async (response) => (await response).status))
      assertThat(
        statuses.every((status) => status === 200),
        'all are let in',
      )
      assertEqual(server.counts.refreshes, 1, 'after one refresh')
    },
  },
]

function brokenOff(): never {
  throw new ContractBrokenError('the requests wait for the refresh')
}
