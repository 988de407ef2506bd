import axios, { type AxiosInstance } from 'axios'
import otherAxios from 'axios-1.7'
import { axiosWithAuth } from 'tokenflight/axios'
import { describe, expect, it } from 'vitest'
import { startSession } from '../support/start-session'

/** What an instance asks for, and what it is asked with, when it is from another copy of axios than the library's. */
describe.each(['http', 'fetch'])('an instance of another copy of axios, over %s', (adapter) => {
  async function start(user: { user?: undefined } = {}) {
    const session = await startSession({ sockets: true, server: { challenge: 'json' }, ...user })
    const other = otherAxios.create({ adapter, headers: { 'X-Own': 'yes' } })
    // its types are another version's
    return { ...session, http: axiosWithAuth(session.auth, other as unknown as AxiosInstance) }
  }
  const request = { headers: { Accept: 'text/x', 'Content-Type': 'application/x-own' }, authenticate: true }

  it('B1, R6: sends and gets each header by itself, refused at first or not', async () => {
    const { http, server } = await start()
    for (const isRefused of [false, true]) {
      if (isRefused) server.expireAccessTokens()
      const { data, headers, config } = await http.post('/things', 'content', request)
      expect(data).toMatchObject({ body: 'content', contentType: 'application/x-own', headers: { accept: 'text/x' } })
      expect(data.headers).toMatchObject({ 'x-own': 'yes' })
      expect(headers['content-type']).toBe('application/json')
      expect(headers).toHaveProperty('date')
      expect(config.headers).toBeInstanceOf(otherAxios.AxiosHeaders)
      expect({ ...config.headers }).toMatchObject({ Accept: 'text/x', 'Content-Type': 'application/x-own' })
      expect(config.headers.has('authorization')).toBe(false)
    }
    expect(server.counts).toMatchObject({ refreshes: 1, api: { requests: 3 } })
  })

  it('A4: so does one that is sent untouched, or while nobody is signed in', async () => {
    const { http } = await start()
    const isRefused = { validateStatus: null, authenticate: false }
    expect((await http.get('/things', isRefused)).headers['content-type']).toBe('application/json')
    const { http: signedOut } = await start({ user: undefined })
    expect((await signedOut.get('/things', { validateStatus: null })).headers['content-type']).toBe('application/json')
  })

  it('R6: a 401 that it rejects with has its headers', async () => {
    const { http, server } = await start()
    server.refuseAccessTokens()
    server.faults.api.always({ refuse: true })
    const { response } = await http.get('/things').catch((error) => error)
    expect([response.status, response.headers['content-type']]).toEqual([401, 'application/json'])
    expect(response.headers).toBeInstanceOf(otherAxios.AxiosHeaders)
  })
})

it('is not the copy that the library has', () => {
  expect(otherAxios.VERSION).not.toBe(axios.VERSION)
  expect(otherAxios.AxiosHeaders).not.toBe(axios.AxiosHeaders)
})
