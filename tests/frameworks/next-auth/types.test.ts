import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { root } from '../../../scripts/ensure-install.mjs'

/** An app, as its author writes it. */
const shared = `
import { createNextAuthServer } from 'tokenflight/next-auth/server'
import type { Session } from 'next-auth'
import type { JWT } from 'next-auth/jwt'

export const sessions = createNextAuthServer({
  baseUrl: 'https://api.example.com',
  refresh: {
    keycloak: ({ refreshToken, provider, fetch, signal }) =>
      fetch(provider ?? '/token', { method: 'POST', body: new URLSearchParams({ refreshToken }), signal }),
  },
})
export const expiry = (session: Session): number | undefined => session.accessTokenExpiry
export const isOver = (session: Session): boolean => session.error === 'RefreshTokenRejected'
export const token = (session: Session): string | undefined => session.accessToken
export const provider = (jwt: JWT): string | undefined => jwt.provider
// @ts-expect-error the refresh token never reaches a session
export const refreshToken = (session: Session) => session.refreshToken.length
// @ts-expect-error it may be missing
export const wrong = (session: Session): number => session.accessToken.length
`

const apps = {
  'next-auth 4.24': `
import NextAuth, { getServerSession, type NextAuthOptions } from 'next-auth'
${shared}
export const authOptions: NextAuthOptions = {
  providers: [],
  callbacks: sessions.callbacks({
    jwt: ({ token, user, trigger, session }) => (trigger === 'update' ? { ...token, name: session.name } : { ...token, ...user }),
    session: ({ session, token }) => ({ ...session, tenant: token.sub }),
    signIn: () => true,
  }),
  events: sessions.events({ signOut: ({ token }) => void token.sub }),
}
export default NextAuth(authOptions)
export const now = async () => (await getServerSession(authOptions))?.accessToken
`,
  'next-auth 5': `
import NextAuth from 'next-auth'
${shared}
export const { handlers, auth, signIn, signOut } = NextAuth({
  providers: [],
  callbacks: sessions.callbacks({
    jwt: ({ token, user, trigger, session }) => (trigger === 'update' ? { ...token, name: session.name } : { ...token, ...user }),
    session: ({ session, token }) => ({ ...session, tenant: token.sub }),
    authorized: ({ auth: session }) => session?.accessToken !== undefined,
  }),
  events: sessions.events({ signOut: (message) => void ('token' in message && message.token?.sub) }),
})
export const now = async () => (await auth())?.accessToken
`,
} as const

/** What apps that followed a recipe have declared by themselves. */
const ownAugmentation = `
import 'tokenflight/next-auth/server'
import type { Session } from 'next-auth'
import type {} from 'next-auth/jwt'
declare module 'next-auth' {
  interface Session { accessToken: string; error?: 'RefreshAccessTokenError'; tenant: string }
}
declare module 'next-auth/jwt' {
  interface JWT { accessToken: string; accessTokenExpiry: number; refreshToken?: string }
}
export const token = (session: Session): string => session.accessToken
`

const proxies = `
import { NextResponse, type NextRequest } from 'next/server'
import type { NextAuthServer } from 'tokenflight/next-auth/server'
declare const sessions: NextAuthServer
export const alone = (request: NextRequest) => sessions.proxy(request)
export const composed = (request: NextRequest) => sessions.proxy(request, ({ nextUrl }) => NextResponse.redirect(nextUrl))
export const silent = (request: NextRequest) => sessions.proxy(request, () => {})
export const slow = (request: NextRequest) => sessions.proxy(request, async () => {})
`

/** What is wrong in this file, where `next-auth` is the version in `installed`. */
function faultsOf(code: string, installed: string): string[] {
  const path = join(root, 'app-of-a-test.ts')
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const modules = join(root, 'node_modules', installed)
  options.paths = { ...options.paths, 'next-auth': [modules], 'next-auth/*': [`${modules}/*`] }
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = (file) => file === path || fileExists(file)
  host.getSourceFile = (file, languageVersion, ...rest) =>
    file === path
      ? ts.createSourceFile(file, code, languageVersion)
      : getSourceFile.call(host, file, languageVersion, ...rest)
  const program = ts.createProgram([path], options, host)
  const source = program.getSourceFile(path)
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
    ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'),
  )
}

describe('apps compile without casts', () => {
  it.each([
    { name: 'next-auth 4.24', installed: 'next-auth', code: apps['next-auth 4.24'] },
    { name: 'next-auth 5', installed: 'next-auth-5', code: apps['next-auth 5'] },
    { name: 'own augmentations, v4', installed: 'next-auth', code: ownAugmentation },
    { name: 'own augmentations, v5', installed: 'next-auth-5', code: ownAugmentation },
    { name: 'proxy.ts', installed: 'next-auth', code: proxies },
  ])('$name', ({ installed, code }) => {
    expect(faultsOf(code, installed)).toEqual([])
  })

  it('and mistakes are found', () => {
    const mistaken = `${apps['next-auth 5']}\nsessions.callbacks({ jwt: () => 1 })`
    expect(faultsOf(mistaken, 'next-auth-5')).toHaveLength(1)
  })
})
