import Link from 'next/link'

export default function Home() {
  return (
    <main className="centered">
      <h1>One session, one refresh</h1>
      <p>
        Next.js, next-auth and react-query before an API whose access tokens expire. However many requests meet an
        expired one, in however many tabs: the refresh token is used once, and every request succeeds.
      </p>
      <Link className="button" href="/dashboard">
        Open the dashboard
      </Link>
    </main>
  )
}
