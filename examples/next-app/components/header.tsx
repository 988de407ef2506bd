'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useSession } from 'next-auth/react'
import { useRequireAuth } from 'tokenflight/react'

/** On every page for signed-in users: sends everybody else to the login, whatever ended the session. */
export function Header() {
  const router = useRouter()
  const { signOut } = useRequireAuth({ onUnauthenticated: () => router.replace('/login') })
  const { data, status } = useSession()
  return (
    <header data-session={status}>
      <strong>tokenflight</strong>
      <nav>
        <Link href="/dashboard">Dashboard</Link>
        <Link href="/server">Server component</Link>
      </nav>
      <span className="user">{data?.user?.name}</span>
      <button type="button" onClick={() => signOut()}>
        Sign out
      </button>
    </header>
  )
}
