import NextAuth from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { sessions } from '@/lib/sessions'
import { signInWithPassword } from '@/lib/sign-in-with-password'

export const { handlers } = NextAuth({
  pages: { signIn: '/login' },
  providers: [
    Credentials({
      credentials: { user: {}, password: {} },
      authorize: ({ user, password }) => signInWithPassword(String(user), String(password)),
    }),
  ],
  callbacks: sessions.callbacks(),
  events: sessions.events(),
})
