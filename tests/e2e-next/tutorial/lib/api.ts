import { getSession } from 'next-auth/react'

/** The tutorial's wrapper: the session is asked for before each request. */
export async function api(path: string): Promise<unknown> {
  const session = await getSession()
  const response = await fetch(`${process.env.NEXT_PUBLIC_API_URL}${path}`, {
    headers: { authorization: `Bearer ${session?.accessToken}` },
  })
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return response.json()
}
