import { redirect } from 'next/navigation'
import { readResponse } from 'tokenflight/react-query'
import { Resource } from '@/lib/resource'
import { sessions } from '@/lib/sessions'

/** A server component that calls the API for the user. proxy.ts has refreshed before it, where that was due. */
export default async function ServerPage() {
  const auth = await sessions.forRequest()
  const { status } = await auth.ready()
  if (status === 'signedOut') redirect('/login')
  const { title, detail } = await readResponse(await auth.fetch('/orders'), Resource)
  return (
    <article className="card" data-rendered="server">
      <h2>orders</h2>
      <p className="figure">{title}</p>
      <p>{detail}, says the API to a server component</p>
    </article>
  )
}
