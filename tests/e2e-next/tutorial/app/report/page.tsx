import { currentSession } from '../../auth'

/** A server component that calls the API with the session's access token. */
export default async function Report() {
  const session = await currentSession()
  const response = await fetch(`${process.env.NEXT_PUBLIC_API_URL}/orders`, {
    headers: { authorization: `Bearer ${session?.accessToken}` },
  })
  return <p data-report={response.status}>{session?.error ?? 'no error'}</p>
}
