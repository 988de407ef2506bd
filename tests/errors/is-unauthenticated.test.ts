import axios from 'axios'
import ky from 'ky'
import { describe, expect, it } from 'vitest'
import { isUnauthenticated } from '../../src/errors/is-unauthenticated'
import { RefreshMisconfiguredError } from '../../src/errors/refresh-misconfigured-error'
import { RefreshRejectedError } from '../../src/errors/refresh-rejected-error'
import { RefreshUnavailableError } from '../../src/errors/refresh-unavailable-error'
import { UnauthenticatedError } from '../../src/errors/unauthenticated-error'

const answer = (status: number) => async () => new Response('', { status })
const failed = (request: PromiseLike<unknown>) => Promise.resolve(request).catch((error: unknown) => error)
const axiosError = (status: number) =>
  failed(axios.get('https://a', { adapter: 'fetch', env: { fetch: answer(status) } }))
const kyError = (status: number) => failed(ky('https://a', { fetch: answer(status), retry: 0 }))

describe('isUnauthenticated', () => {
  it('knows our own errors, also wrapped', () => {
    for (const own of [new UnauthenticatedError('x'), new RefreshRejectedError('x', { status: 400 })]) {
      for (const error of [own, { cause: own }, { networkError: { originalError: own } }])
        expect(isUnauthenticated(error)).toBe(true)
    }
  })

  it('F5, F7: no other error of ours is one, whatever status led to it', () => {
    const cause = { name: 'Error', status: 401 }
    for (const own of [
      new RefreshMisconfiguredError('x', { status: 401, cause }),
      new RefreshUnavailableError('x', { status: 401, cause }),
    ]) {
      for (const error of [own, { cause: own }, { networkError: own, status: 401 }])
        expect(isUnauthenticated(error)).toBe(false)
    }
  })

  it('knows a 401 of axios, ky, fetch and others, and only that', async () => {
    for (const status of [401, 400, 403, 500]) {
      const errors = [
        await axiosError(status),
        await kyError(status),
        new Response('', { status }),
        { statusCode: status },
        { networkError: { statusCode: status } },
      ]
      for (const error of errors) expect(isUnauthenticated(error)).toBe(status === 401)
    }
  })

  it.each([undefined, null, 401, '401', {}, { status: '401' }, new Error('401')])('is not impressed by %s', (error) => {
    expect(isUnauthenticated(error)).toBe(false)
  })
})
