'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { signOut, useSession } from 'next-auth/react'
import { useState } from 'react'
import { api } from '../../lib/api'
import { useAuth } from '../../lib/use-auth'

const names = ['profile', 'orders', 'invoices', 'messages', 'reports']

export default function Dashboard() {
  useAuth(true)
  const { status } = useSession()
  const queryClient = useQueryClient()
  const [rounds, setRounds] = useState(0)

  async function refetch() {
    await queryClient.invalidateQueries()
    setRounds((count) => count + 1)
  }

  return (
    <main data-session={status} data-rounds={rounds}>
      <h1>Dashboard</h1>
      <ul>
        {names.map((name) => (
          <Answer key={name} name={name} />
        ))}
      </ul>
      <button type="button" onClick={refetch}>
        Refetch all
      </button>
      <button type="button" onClick={() => signOut({ redirect: false })}>
        Sign out
      </button>
    </main>
  )
}

function Answer({ name }: { name: string }) {
  const { status, fetchStatus, dataUpdatedAt } = useQuery({ queryKey: [name], queryFn: () => api(`/${name}`) })
  return (
    <li data-query={name} data-status={status} data-fetching={fetchStatus === 'fetching'}>
      {name}: {status} {dataUpdatedAt}
    </li>
  )
}
