import { assertEqual } from '../assert-equal'
import { rejection } from './answers'
import { whereShown } from './where-shown'
import type { TransportCase } from './world'

/** Where a token must not be found (X1). Every token of the fake server begins so. */
const token = 'fake-'

/** `actual` of its error is where the token stands. */
const assertSecret = (value: unknown, requirement: string): void =>
  assertEqual(whereShown(value, token), undefined, requirement)

export const secrecyCases: readonly TransportCase[] = [
  {
    name: 'X1: a 401 that is handed out shows no token',
    async run({ server, send }) {
      server.faults.api.always({ refuse: true })
      const { handedOut } = await send('/things', { method: 'POST', body: 'x' })
      assertSecret(handedOut, 'neither the response nor the error that carries it shows a token')
    },
  },
  {
    name: 'X1: the error of a request that was not sent shows no token',
    async run({ server, clock, send }) {
      server.faults.token.always({ status: 503 })
      await clock.advance(300_000)
      assertSecret(await rejection(send('/things', { method: 'POST' })), 'neither it nor its causes show a token')
    },
  },
  {
    name: 'X1: the error of a connection that broke shows no token',
    async run({ server, send }) {
      server.faults.api.always({ reset: true })
      assertSecret(await rejection(send('/things', { method: 'POST' })), 'neither it nor its causes show a token')
    },
  },
]
