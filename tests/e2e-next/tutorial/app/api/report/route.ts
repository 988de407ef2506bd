import { currentSession } from '../../../auth'

/** A route handler that calls the API on the user's behalf. */
export async function GET(): Promise<Response> {
  const session = await currentSession()
  const response = await fetch(`${process.env.NEXT_PUBLIC_API_URL}/orders`, {
    headers: { authorization: `Bearer ${session?.accessToken}` },
  })
  return new Response(null, { status: response.status })
}
