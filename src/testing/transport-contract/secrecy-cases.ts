import { assertThat } from '../assert-that'
import { rejection } from './answers'
import { showsText } from './shows-text'
import type { TransportCase } from './world'

/** Where a token must not be found (X1). Every token of the fake server begins so. */
const token = 'fake-'

export const secrecyCases: readonly TransportCase[] = [
  {
    name: 'X1: a 401 that is handed out shows no token',
    async run({ server, send }) {
      server.faults.api.always({ refuse: true })
      const { handedOut } = await send('/things', { method: 'POST', body: 'x' })
      assertThat(!showsText(handedOut, token), 'neither the response nor the error that carries it')
    },
  },
  {
    name: 'X1: the error of a request that was not sent shows no token',
    async run({ server, clock, send }) {
      server.faults.token.always({ status: 503 })
      await clock.advance(300_000)
      assertThat(!showsText(await rejection(send('/things', { method: 'POST' })), token), 'nor do its causes')
    },
  },
  {
    name: 'X1: the error of a connection that broke shows no token',
    async run({ server, send }) {
      server.faults.api.always({ reset: true })
      assertThat(!showsText(await rejection(send('/things', { method: 'POST' })), token), 'nor do its causes')
    },
  },
]
