'use client'

import { useAuth } from 'tokenflight/react'
import { Notes } from '@/components/notes'
import { Resources } from '@/components/resources'

export default function Dashboard() {
  const { status } = useAuth()
  if (status !== 'signedIn') return <p className="hint">One moment …</p>
  return (
    <>
      <Resources />
      <Notes />
    </>
  )
}
