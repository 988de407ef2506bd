// An Express server whose sessions are in the browser's cookie, sealed: it keeps nothing, and no script reads a token.
import { randomBytes } from 'node:crypto'
import { env } from 'node:process'
import express from 'express'
import { createAuthClient, isTokenflightError } from 'tokenflight'
import { cookieStorage, requestCookies } from 'tokenflight/cookies'
import { refresh } from '../refresh.mjs'

const baseUrl = env['API_URL'] ?? 'http://127.0.0.1:4800'
const secret = env['SESSION_SECRET'] ?? randomBytes(32).toString('base64')

/**
 * The session of one request.
 * @param {express.Request} request
 * @param {express.Response} response
 */
function sessionOf(request, response) {
  const sent = requestCookies(request.headers.cookie)
  const storage = cookieStorage({
    secret,
    jar: { get: sent.get, set: (name, value, attributes) => response.cookie(name, value, { ...attributes }) },
  })
  return createAuthClient({ baseUrl, storage, refresh })
}

const app = express()
app.use(express.json())

app.post('/login', async (request, response) => {
  const auth = sessionOf(request, response)
  const body = new URLSearchParams({ user: request.body?.user ?? 'alice' })
  await auth.signIn(await auth.fetch('/auth/login', { method: 'POST', body, authenticate: false }))
  response.status(204).end()
})
app.get('/profile', async (request, response) => {
  const answer = await sessionOf(request, response).fetch('/api/profile')
  response.status(answer.status).json(answer.ok ? { user: (await answer.json()).user } : {})
})
app.post('/logout', async (request, response) => {
  await sessionOf(request, response).signOut()
  response.status(204).end()
})
app.use(outage)

/**
 * An outage is no sign-out: the browser keeps its cookie and may try again.
 * @param {unknown} error
 * @param {express.Request} _request
 * @param {express.Response} response
 * @param {express.NextFunction} next
 */
function outage(error, _request, response, next) {
  if (isTokenflightError(error) && error.retryable) response.status(503).json({ code: error.code })
  else next(error)
}

const listening = app.listen(Number(env['PORT'] ?? 4801), '127.0.0.1', () => {
  const address = listening.address()
  console.log(`http://localhost:${typeof address === 'object' && address?.port}`)
})
