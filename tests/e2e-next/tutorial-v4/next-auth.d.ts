import type { Tokens } from './lib/tokens'

declare module 'next-auth' {
  interface User extends Tokens {}
  interface Session {
    accessToken: string
    accessTokenExpiry: number
    error?: string | undefined
  }
}

declare module 'next-auth/jwt' {
  interface JWT extends Tokens {
    error?: string
  }
}
