import { notResentBecause } from '../../core/not-resent'
import { assertEqual } from '../assert-equal'
import { assertThat } from '../assert-that'
import type { Echo } from '../authorization-server/echo'
import { echoOf } from './answers'
import type { TransportFeature, TransportRequest } from './transport'
import type { TransportCase, World } from './world'

const json = '{"name":"Grüße","list":[1,2,3],"nested":{"quote":"\\""}}'
const bytes = Uint8Array.from({ length: 256 }, (_, value) => value)

const bodies: readonly {
  readonly what: string
  readonly needs?: readonly TransportFeature[]
  readonly request: () => Pick<TransportRequest, 'body' | 'headers'>
}[] = [
  { what: 'JSON', request: () => ({ body: json, headers: { 'Content-Type': 'application/json' } }) },
  { what: 'a text', request: () => ({ body: 'line 1\r\nline 2 ✓', headers: { 'Content-Type': 'text/plain' } }) },
  { what: 'an empty body', request: () => ({ body: '', headers: { 'Content-Type': 'text/plain' } }) },
  { what: 'bytes', request: () => ({ body: bytes.buffer, headers: { 'Content-Type': 'application/octet-stream' } }) },
  {
    what: 'URLSearchParams',
    needs: ['urlSearchParams'],
    request: () => ({ body: new URLSearchParams({ a: '1 2', b: 'ü&=' }) }),
  },
  { what: 'a Blob', needs: ['blob'], request: () => ({ body: new Blob([bytes], { type: 'image/png' }) }) },
]

const asSent = ({ method, path, query, contentType, bodyBase64, headers }: Echo) => ({
  ...{ method, path, query, contentType, bodyBase64 },
  custom: headers['x-custom'],
})

/** How the same request is sent again (B). */
export const bodyCases: readonly TransportCase[] = [
  ...bodies.map(
    ({ what, needs = [], request }): TransportCase => ({
      name: `B1: ${what} is sent again byte for byte`,
      needs,
      async run(world) {
        const { first, again } = await sentTwice(world, request)
        assertEqual(asSent(again), asSent(first), 'the same method, URL, headers and bytes')
      },
    }),
  ),
  {
    name: 'B1: a FormData is sent again field for field',
    needs: ['formData'],
    async run(world) {
      const form = (): FormData => {
        const data = new FormData()
        data.append('title', 'Grüße')
        data.append('title', 'second')
        data.append('file', new Blob([bytes], { type: 'image/png' }), 'pixel.png')
        return data
      }
      const { first, again } = await sentTwice(world, () => ({ body: form() }))
      const fields = await fieldsOf(first)
      assertEqual(fields.length, 3, 'all fields are there')
      assertEqual(await fieldsOf(again), fields, 'the same fields in the same order')
    },
  },
  {
    name: 'B3: a stream is not sent again: its token is refreshed, and the caller gets the 401 and is told why',
    needs: ['stream'],
    async run({ server, send }) {
      server.refuseAccessTokens()
      const response = await send('/upload', { method: 'POST', body: streamOf('once') })
      assertEqual(response.status, 401, 'the original 401')
      assertEqual(notResentBecause(response.handedOut), 'streamBody', 'with the reason')
      assertEqual(server.counts.api.requests, 1, 'sent once')
      assertEqual(server.counts.refreshes, 1, 'refreshed')
      assertEqual(
        (await send('/upload', { method: 'POST', body: streamOf('twice') })).status,
        200,
        'the next is let in',
      )
    },
  },
  {
    name: 'B3: a stream is sent with a fresh token: it does not go out while a refresh is due',
    needs: ['stream'],
    async run({ server, clock, send }) {
      // less than refreshAheadMs is left, and more than minValidityMs
      await clock.advance(270_000)
      const response = await send('/upload', { method: 'POST', body: streamOf('content') })
      assertEqual(echoOf(response).body, 'content', 'it arrives whole')
      assertEqual(server.counts.refreshes, 1, 'after a refresh')
      assertEqual(server.counts.api.requests, 1, 'once')
    },
  },
  {
    name: 'B1: nothing says so when nothing was held back',
    async run({ server, send }) {
      server.faults.api.always({ refuse: true })
      const response = await send('/things')
      assertEqual(response.status, 401, 'refused twice')
      assertThat(notResentBecause(response.handedOut) === undefined, 'it was sent again')
    },
  },
]

/** The same request as the server saw it when it was not refused, and when it was. */
async function sentTwice(
  { server, send }: World,
  request: () => Pick<TransportRequest, 'body' | 'headers'>,
): Promise<{ readonly first: Echo; readonly again: Echo }> {
  const sent = (): TransportRequest => {
    const { body, headers } = request()
    return {
      url: '',
      method: 'PUT',
      ...(body === undefined ? {} : { body }),
      headers: { 'X-Custom': 'kept', ...headers },
    }
  }
  const path = '/things?page=2&q=a%20b'
  const first = echoOf(await send(path, sent()))
  server.expireAccessTokens()
  const again = echoOf(await send(path, sent()))
  assertEqual(server.counts.refreshes, 1, 'it was refused, and its token refreshed')
  return { first, again }
}

/** Read by the boundary that the body itself begins with: some clients announce none. */
const fieldsOf = async ({ body: text, bodyBase64 }: Echo): Promise<unknown[]> => {
  const [boundary = ''] = /(?<=^--)[^\r\n]+/.exec(text) ?? []
  const body = Uint8Array.from(atob(bodyBase64), (character) => character.charCodeAt(0))
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const fields: unknown[] = []
  for (const [name, value] of await new Response(body, { headers }).formData()) {
    fields.push([name, typeof value === 'string' ? value : await fileOf(value)])
  }
  return fields
}

const fileOf = async (file: File): Promise<unknown[]> => [
  file.name,
  file.type,
  [...new Uint8Array(await file.arrayBuffer())],
]

const streamOf = (text: string): ReadableStream<Uint8Array> => new Blob([text]).stream()
