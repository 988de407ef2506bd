import type { AuthClient, TokenExtras, TokenSet } from 'tokenflight'
import { expectTypeOf, it } from 'vitest'

declare const auth: AuthClient

it('an app names what it keeps beside the tokens', () => {
  // by `declare module 'tokenflight' { interface TokenExtras { tenant?: string } }`
  expectTypeOf<TokenSet>().toExtend<TokenExtras>()
  expectTypeOf(auth.getTokens()?.accessToken).toEqualTypeOf<string | undefined>()
  auth.signIn({ accessToken: 'a', refreshToken: 'r', expiresIn: 300 })
  auth.signIn({ access_token: 'a', refresh_token: 'r', expires_in: 300 })
  auth.signIn(new Response())
  // @ts-expect-error: a token set is an object
  auth.signIn('a')
})
