import { z } from 'zod'
import { authServerUrl } from './sessions'

const Tokens = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresIn: z.number(),
  idToken: z.string().optional(),
})

/** What `authorize` returns: the user, and the tokens for the session. */
export async function signInWithPassword(user: string, password: string) {
  const response = await fetch(`${authServerUrl}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  })
  if (!response.ok) return null
  return { id: user, name: user, ...Tokens.parse(await response.json()) }
}
