import {
  type AuthClient,
  type AuthClientOptions,
  type AuthFetch,
  type Authorizer,
  createAuthClient,
  isTokenflightError,
  memoryStorage,
  notResentBecause,
  type Refresher,
  type SessionSnapshot,
  type SignedOutReason,
  type TokenflightErrorCode,
  type TokenSet,
  type TokenStorage,
} from 'tokenflight'
import { describe, expectTypeOf, it } from 'vitest'

declare const auth: AuthClient

describe('createAuthClient', () => {
  it('needs no options', () => {
    expectTypeOf(createAuthClient()).toEqualTypeOf<AuthClient>()
    expectTypeOf(createAuthClient({})).toEqualTypeOf<AuthClient>()
  })

  it('a refresher has a refresh token, but for refreshWithoutToken', () => {
    createAuthClient({
      refresh: ({ refreshToken, tokens, claims, trigger, signal }) => {
        expectTypeOf(refreshToken).toEqualTypeOf<string>()
        expectTypeOf(tokens).toEqualTypeOf<TokenSet>()
        expectTypeOf(claims).toEqualTypeOf<string | undefined>()
        expectTypeOf(trigger).toEqualTypeOf<'missing' | 'expiring' | 'expired' | 'refused' | 'forced'>()
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        return { access_token: 'a', token_type: 'Bearer', expires_in: 300 }
      },
    })
    createAuthClient({
      refreshWithoutToken: true,
      refresh: ({ refreshToken, tokens, fetch }) => {
        expectTypeOf(refreshToken).toEqualTypeOf<string | undefined>()
        expectTypeOf(tokens).toEqualTypeOf<TokenSet | undefined>()
        return fetch('/refresh')
      },
    })
  })

  it('a refresher may return every shape of tokens, and nothing else', () => {
    expectTypeOf<() => { accessToken: string }>().toExtend<Refresher>()
    expectTypeOf<() => Promise<{ accessToken: string; expiresIn: number }>>().toExtend<Refresher>()
    expectTypeOf<() => Promise<Response>>().toExtend<Refresher>()
    expectTypeOf<() => string>().not.toExtend<Refresher>()
    expectTypeOf<() => Promise<undefined>>().not.toExtend<Refresher>()
  })

  it('refuses options that do not exist', () => {
    // @ts-expect-error: it is called baseUrl
    createAuthClient({ baseURL: 'https://api.example.com' })
    // @ts-expect-error: durations end in Ms
    createAuthClient({ refreshTimeout: 1000 })
    expectTypeOf<{ refreshWithoutToken: true }>().not.toExtend<AuthClientOptions>()
  })
})

describe('the client', () => {
  it('has a fetch that takes the place of any fetch', () => {
    expectTypeOf(auth.fetch).toExtend<typeof fetch>()
    expectTypeOf(auth.fetch).toEqualTypeOf<AuthFetch>()
    auth.fetch('/users', { authenticate: 'required', cache: 'no-store' })
    auth.fetch(new URL('https://api.example.com'), { authenticate: false })
    // @ts-expect-error: not one of the three
    auth.fetch('/users', { authenticate: 'optional' })
  })

  it('gives an access token as a string, or rejects', () => {
    expectTypeOf(auth.getAccessToken()).toEqualTypeOf<Promise<string>>()
    expectTypeOf(auth.getTokens()).toEqualTypeOf<TokenSet | undefined>()
  })

  it('its state is one of three, and tells no tokens', () => {
    expectTypeOf(auth.state).toEqualTypeOf<SessionSnapshot>()
    expectTypeOf(auth.state.status).toEqualTypeOf<'restoring' | 'signedIn' | 'signedOut'>()
    expectTypeOf(auth.state).not.toHaveProperty('tokens')
    if (auth.state.status === 'signedOut') expectTypeOf(auth.state.reason).toEqualTypeOf<SignedOutReason | undefined>()
    // @ts-expect-error: only the session changes it
    auth.state = { status: 'signedOut', epoch: 1 }
    expectTypeOf(auth.ready()).toEqualTypeOf<Promise<SessionSnapshot>>()
  })

  it('knows each event’s payload', () => {
    auth.on('unauthenticated', (event) => {
      expectTypeOf(event.reason).toEqualTypeOf<SignedOutReason | 'noSession'>()
      expectTypeOf(event.url).toEqualTypeOf<string | undefined>()
      expectTypeOf(event.at).toEqualTypeOf<number>()
    })
    auth.on('refreshed', ({ durationMs, source }) => {
      expectTypeOf(durationMs).toEqualTypeOf<number>()
      expectTypeOf(source).toEqualTypeOf<'exchange' | 'storage' | 'setTokens'>()
    })
    expectTypeOf(auth.on('*', (_name, { epoch }) => void epoch)).toEqualTypeOf<() => void>()
    // @ts-expect-error: no such event
    auth.on('logout', () => {})
  })

  it('is an authorizer for transports of one’s own', () => {
    expectTypeOf(auth).toExtend<Authorizer>()
  })
})

describe('storages', () => {
  it('may be synchronous or not, and lack what is optional', () => {
    expectTypeOf(memoryStorage()).toEqualTypeOf<TokenStorage>()
    expectTypeOf<{ read(): undefined; write(tokens: TokenSet | undefined): void }>().toExtend<TokenStorage>()
    expectTypeOf<{ read(): Promise<unknown>; write(): Promise<void> }>().toExtend<TokenStorage>()
    expectTypeOf<{ read(): unknown }>().not.toExtend<TokenStorage>()
  })
})

describe('errors', () => {
  it('are told apart by their code', () => {
    const error: unknown = undefined
    if (isTokenflightError(error)) expectTypeOf(error).not.toBeAny()
    expectTypeOf<TokenflightErrorCode>().toEqualTypeOf<
      | 'AUTH_CONFIGURATION'
      | 'AUTH_INVALID_TOKEN'
      | 'AUTH_UNAUTHENTICATED'
      | 'AUTH_REFRESH_UNAVAILABLE'
      | 'AUTH_REFRESH_REJECTED'
      | 'AUTH_REFRESH_MISCONFIGURED'
      | 'AUTH_INTERACTION_REQUIRED'
      | 'AUTH_STORAGE'
    >()
    expectTypeOf(notResentBecause(error)).toEqualTypeOf<'streamBody' | undefined>()
  })
})
