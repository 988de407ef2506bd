'use client'

import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { apiUrl } from '@/lib/api'

const ServerCounts = z.object({
  refreshes: z.number(),
  reused: z.number(),
  familiesRevoked: z.number(),
  api: z.object({ accepted: z.number(), refused: z.number() }),
})

const commands = { expire: 'Expire tokens', outage: 'Begin an outage', recover: 'End it', revoke: 'Revoke the session' }

/** What the servers of backend.mjs do: their figures, and what can be made to go wrong. */
async function control(command: string): Promise<unknown> {
  const response = await fetch(new URL(`/control/${command}`, apiUrl))
  return response.json()
}

export function Counts() {
  const { data, refetch } = useQuery({
    queryKey: ['counts'],
    queryFn: async () => ServerCounts.parse(await control('counts')),
    refetchInterval: 1_000,
  })
  const figures = data && {
    refreshes: data.refreshes,
    'tokens used twice': data.reused,
    'sessions revoked': data.familiesRevoked,
    'requests served': data.api.accepted,
    'requests refused': data.api.refused,
  }
  return (
    <section className="panel">
      <h2>Seen by the servers</h2>
      <dl className="counts">
        {Object.entries(figures ?? {}).map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{count}</dd>
          </div>
        ))}
      </dl>
      <div className="bar wrap">
        {Object.entries(commands).map(([command, title]) => (
          <button key={command} type="button" className="quiet" onClick={() => control(command).then(() => refetch())}>
            {title}
          </button>
        ))}
      </div>
    </section>
  )
}
