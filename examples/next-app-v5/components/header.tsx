'use client'

import Link from 'next/link'
import { useSession } from 'next-auth/react'
import { useAuth } from 'tokenflight/react'

export function Header() {
  const { signOut } = useAuth()
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
