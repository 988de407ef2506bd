import { describe, expect, it, vi } from 'vitest'
import { createAuthClient } from '../../../src'
import { nextAuthSession } from '../../../src/frameworks/next-auth'

describe('nextAuthSession on a server', () => {
  it('can be made, and asks nothing', async () => {
    const fetch = vi.spyOn(globalThis, 'fetch')
    const auth = createAuthClient({ baseUrl: 'https://api.example.com', ...nextAuthSession() })
    expect(auth.state).toEqual({ status: 'restoring', epoch: 0 })
    auth.dispose()
    expect(fetch).not.toHaveBeenCalled()
  })

  it('F7: a request says what to use there', async () => {
    const auth = createAuthClient({ baseUrl: 'https://api.example.com', ...nextAuthSession() })
    await expect(auth.fetch('/users')).rejects.toMatchObject({
      code: 'AUTH_CONFIGURATION',
      message: expect.stringContaining('forRequest()'),
    })
  })
})

describe('options of nextAuthSession', () => {
  it.each([
    ['basePath', { basePath: 'https://example.com/api/auth' }],
    ['basePath', { basePath: '//example.com' }],
    ['basePath', { basePath: 'api/auth' }],
    ['basePath', { basePath: 7 }],
    ['version', { version: 3 }],
    ['fields', { fields: 'accessToken' }],
    ['fields', { fields: { accessToken: 7 } }],
    ['rejectedErrors', { rejectedErrors: 'RefreshAccessTokenError' }],
    ['signOut', { signOut: true }],
    ['basepath', { basepath: '/auth' }],
  ])('%s: %j cannot work', (name, options: object) => {
    expect(() => nextAuthSession(options)).toThrow(
      expect.objectContaining({ code: 'AUTH_CONFIGURATION', message: expect.stringContaining(name) }),
    )
  })

  it.each([{}, { basePath: '/auth/' }, { version: 5 as const }, { basePath: undefined, signOut: undefined }])(
    '%j can',
    (options) => {
      expect(() => nextAuthSession(options as object)).not.toThrow()
    },
  )
})
