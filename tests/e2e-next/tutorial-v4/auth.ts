import { getServerSession, type NextAuthOptions } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { refreshAccessToken, signInWithPassword } from './lib/tokens'

export const authOptions: NextAuthOptions = {
  session: { strategy: 'jwt' },
  pages: { signIn: '/login' },
  providers: [
    Credentials({
      credentials: { user: {}, password: {} },
      async authorize(credentials) {
        const tokens = await signInWithPassword(credentials?.user, credentials?.password)
        return { id: credentials?.user ?? '', name: credentials?.user ?? '', ...tokens }
      },
    }),
  ],
  callbacks: {
    async jwt({ token, user }) {
      if (user) {
        const { accessToken, refreshToken, accessTokenExpiry } = user
        return { ...token, accessToken, refreshToken, accessTokenExpiry }
      }
      if (Date.now() < token.accessTokenExpiry) return token
      return refreshAccessToken(token)
    },
    async session({ session, token }) {
      session.accessToken = token.accessToken
      session.accessTokenExpiry = token.accessTokenExpiry
      session.error = token.error
      return session
    },
  },
}

export const currentSession = () => getServerSession(authOptions)
