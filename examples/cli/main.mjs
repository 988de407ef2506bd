// A command-line tool that stays signed in: `login [user]`, `call`, `logout`.
import { homedir } from 'node:os'
import { join } from 'node:path'
import process, { argv, env } from 'node:process'
import { createAuthClient, isTokenflightError } from 'tokenflight'
import { fileStorage } from 'tokenflight/file'
import { refresh } from '../refresh.mjs'

const path = env['SESSION_FILE'] ?? join(homedir(), '.config', 'tokenflight-example', 'session.json')
const auth = createAuthClient({
  baseUrl: env['API_URL'] ?? 'http://127.0.0.1:4800',
  storage: fileStorage({ path }),
  refresh,
})

/** @type {Record<string, (argument?: string) => Promise<string>>} */
const commands = {
  async login(user = 'alice') {
    const body = new URLSearchParams({ user })
    await auth.signIn(await auth.fetch('/auth/login', { method: 'POST', body, authenticate: false }))
    return `signed in as ${user}; the session is in ${path}`
  },
  async call() {
    const response = await auth.fetch('/api/profile', { authenticate: 'required' })
    return `${response.status} for ${(await response.json()).user}`
  },
  async logout() {
    await auth.signOut()
    return 'signed out'
  },
}

const command = commands[argv[2] ?? '']
try {
  console.log(command ? await command(argv[3]) : `usage: main.mjs ${Object.keys(commands).join('|')}`)
  process.exitCode = command ? 0 : 2
} catch (error) {
  if (!isTokenflightError(error)) throw error
  console.error(error.code === 'AUTH_UNAUTHENTICATED' ? 'nobody is signed in: main.mjs login' : error.message)
  process.exitCode = 1
}
