'use client'

import { useEffect, useState } from 'react'
import type { AuthEventName, AuthEvents } from 'tokenflight'
import { auth } from '@/lib/auth-client'

interface Line {
  readonly key: number
  readonly text: string
}

const longest = 12

/** The client's events, the newest first. No tokens in them. */
export function EventLog() {
  const [lines, setLines] = useState<readonly Line[]>([])
  useEffect(
    () =>
      auth.on('*', (name, event) =>
        setLines((before) =>
          [{ key: (before[0]?.key ?? 0) + 1, text: describe(name, event) }, ...before].slice(0, longest),
        ),
      ),
    [],
  )
  return (
    <section className="panel">
      <h2>Events of the client</h2>
      <ol className="events">
        {lines.map(({ key, text }) => (
          <li key={key}>{text}</li>
        ))}
      </ol>
    </section>
  )
}

function describe(name: AuthEventName, event: AuthEvents[AuthEventName]): string {
  const words: (string | number)[] = [name]
  if ('trigger' in event) words.push(event.trigger)
  if ('reason' in event) words.push(event.reason)
  if ('source' in event) words.push(event.source)
  if ('status' in event) words.push(event.status)
  if ('waiters' in event && event.waiters > 0) words.push(`${event.waiters} waited`)
  if ('error' in event && event.error) words.push(event.error.code)
  return words.join(' · ')
}
