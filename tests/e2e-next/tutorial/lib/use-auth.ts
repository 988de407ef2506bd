'use client'

import { useRouter } from 'next/navigation'
import { signOut, useSession } from 'next-auth/react'
import { useEffect, useState } from 'react'

export function useAuth(shouldRedirect: boolean): boolean {
  const { data: session } = useSession()
  const router = useRouter()
  const [isAuthenticated, setIsAuthenticated] = useState(false)

  useEffect(() => {
    if (session?.error === 'RefreshAccessTokenError') {
      if (shouldRedirect) signOut({ callbackUrl: '/login' })
      else signOut({ redirect: false })
    }
    if (session === null) {
      if (shouldRedirect) router.replace('/login')
      setIsAuthenticated(false)
    } else if (session !== undefined) {
      setIsAuthenticated(true)
    }
  }, [session, shouldRedirect, router])

  return isAuthenticated
}
