'use client'

import { useSession } from 'next-auth/react'
import { useEffect } from 'react'

/** Asks the provider to fetch the session again when the access token is about to expire. */
export function RefreshTokenHandler({ setInterval }: { setInterval: (seconds: number) => void }): null {
  const { data: session } = useSession()
  useEffect(() => {
    if (!session) return
    const seconds = Math.round((session.accessTokenExpiry - 30_000 - Date.now()) / 1000)
    setInterval(seconds > 0 ? seconds : 0)
  }, [session, setInterval])
  return null
}
