import axios, { type AxiosInstance, type AxiosResponse } from 'axios'
import ky, { type KyInstance } from 'ky'
import type { AuthClient } from 'tokenflight'
import { axiosWithAuth } from 'tokenflight/axios'
import { kyWithAuth } from 'tokenflight/ky'
import { describe, expectTypeOf, it } from 'vitest'

declare const auth: AuthClient

describe('axiosWithAuth', () => {
  it('gives back the instance it was given, whatever an app has added to it', () => {
    const instance: AxiosInstance & { tenant: string } = Object.assign(axios.create(), { tenant: 'a' })
    expectTypeOf(axiosWithAuth(auth, instance)).toEqualTypeOf<typeof instance>()
    expectTypeOf(axiosWithAuth(auth)).toEqualTypeOf<AxiosInstance>()
  })

  it('a request may say authenticate', () => {
    const http = axiosWithAuth(auth)
    expectTypeOf(http.get<{ id: number }>('/users', { authenticate: 'required' })).toEqualTypeOf<
      Promise<AxiosResponse<{ id: number }>>
    >()
    http.post('/login', {}, { authenticate: false })
    // @ts-expect-error: not one of the three
    http.get('/users', { authenticate: 'never' })
  })
})

describe('kyWithAuth', () => {
  it('is a ky instance, whose requests may say authenticate', () => {
    const http = kyWithAuth(auth, ky.create({ retry: 0 }))
    expectTypeOf(http).toEqualTypeOf<KyInstance>()
    expectTypeOf(http('users', { authenticate: false }).json<string[]>()).toEqualTypeOf<Promise<string[]>>()
    // @ts-expect-error: not one of the three
    http('users', { authenticate: 1 })
  })
})
