'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { resourceNames, resourceQuery } from '@/lib/queries'

/** Five queries that go out together. */
export function Resources() {
  const queryClient = useQueryClient()
  const [rounds, setRounds] = useState(0)

  async function refetch() {
    await queryClient.invalidateQueries()
    setRounds((count) => count + 1)
  }

  return (
    <section data-rounds={rounds}>
      <div className="bar">
        <h1>Dashboard</h1>
        <button type="button" onClick={refetch}>
          Refetch all
        </button>
      </div>
      <div className="cards">
        {resourceNames.map((name) => (
          <ResourceCard key={name} name={name} />
        ))}
      </div>
    </section>
  )
}

function ResourceCard({ name }: { name: (typeof resourceNames)[number] }) {
  const { status, fetchStatus, data, error } = useQuery(resourceQuery(name))
  return (
    <article className="card" data-query={name} data-status={status} data-fetching={fetchStatus === 'fetching'}>
      <h2>{name}</h2>
      <p className="figure">{data?.title ?? '…'}</p>
      <p>{error?.message ?? data?.detail}</p>
    </article>
  )
}
