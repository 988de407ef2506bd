import { sessions } from '@/lib/sessions'

/** A route handler that calls the API for the user: refreshes when it has to, and writes the cookie. */
export async function GET(): Promise<Response> {
  const auth = await sessions.forRequest()
  const { status, body } = await auth.fetch('/orders')
  return new Response(body, { status, headers: { 'content-type': 'application/json' } })
}
