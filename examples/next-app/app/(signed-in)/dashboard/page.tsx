'use client'

import { useRouter } from 'next/navigation'
import { useRequireAuth } from 'tokenflight/react'
import { Notes } from '@/components/notes'
import { Resources } from '@/components/resources'

/** For signed-in users alone; sends everybody else to the login. */
export default function Dashboard() {
  const router = useRouter()
  const { status } = useRequireAuth({ onUnauthenticated: () => router.replace('/login') })
  if (status !== 'signedIn') return <p className="hint">One moment …</p>
  return (
    <>
      <Resources />
      <Notes />
    </>
  )
}
