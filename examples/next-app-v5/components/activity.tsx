'use client'

import { Counts } from './counts'
import { EventLog } from './event-log'

/** What happened, as the client tells it and as the servers have counted it. */
export function Activity() {
  return (
    <aside>
      <Counts />
      <EventLog />
    </aside>
  )
}
