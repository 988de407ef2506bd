import type { AuthClient, SignedOutReason, SignOutResult } from 'tokenflight'
import { type Auth, AuthProvider, useAuth, useRequireAuth } from 'tokenflight/react'
import { describe, expectTypeOf, it } from 'vitest'

describe('tokenflight/react', () => {
  it('useAuth has three states, and can be taken apart', () => {
    expectTypeOf(useAuth).returns.toEqualTypeOf<Auth>()
    expectTypeOf<Auth['status']>().toEqualTypeOf<'restoring' | 'signedIn' | 'signedOut'>()
    expectTypeOf<Auth['reason']>().toEqualTypeOf<SignedOutReason | undefined>()
    expectTypeOf<Auth['auth']>().toEqualTypeOf<AuthClient>()
    // good for onClick
    expectTypeOf<Auth['signOut']>().toEqualTypeOf<() => Promise<SignOutResult>>()
  })

  it('useRequireAuth takes one way to the login', () => {
    expectTypeOf(useRequireAuth).toBeCallableWith({ redirectTo: '/login' })
    expectTypeOf(useRequireAuth).toBeCallableWith({ redirectTo: '/login', redirect: false })
    expectTypeOf(useRequireAuth).toBeCallableWith({
      onUnauthenticated: (reason) => expectTypeOf(reason).toEqualTypeOf<SignedOutReason | undefined>(),
    })
    // @ts-expect-error neither
    useRequireAuth({ redirect: true })
    // @ts-expect-error both
    useRequireAuth({ redirectTo: '/login', onUnauthenticated: () => {} })
    expectTypeOf(useRequireAuth).returns.toEqualTypeOf<Auth>()
  })

  it('AuthProvider needs a client', () => {
    // @ts-expect-error without
    AuthProvider({ children: null })
  })
})
