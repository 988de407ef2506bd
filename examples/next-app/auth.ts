import type { NextAuthOptions } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { sessions } from '@/lib/sessions'
import { signInWithPassword } from '@/lib/sign-in-with-password'

export const authOptions: NextAuthOptions = {
  pages: { signIn: '/login' },
  providers: [
    Credentials({
      credentials: { user: {}, password: {} },
      authorize: (credentials) => (credentials ? signInWithPassword(credentials.user, credentials.password) : null),
    }),
  ],
  callbacks: sessions.callbacks(),
  events: sessions.events(),
}
