import { hostname, uptime } from 'node:os'
import { performance } from 'node:perf_hooks'
import { hasCode } from './has-code'

/** What stands in the file of a turn at a lock: who holds it, or that it was given back. */
export type LockClaim =
  | { readonly pid: number; readonly host: string; readonly at: number }
  | { readonly unavailableUntil?: number }

/** A claim so old (ms) was left behind, even where its process seems to live: process ids are used again. */
const maxAgeMs = 300_000

export const ownClaim = (): LockClaim => ({ pid: process.pid, host: hostname(), at: Date.now() })

/** A text that is no claim was not written by a holder: nobody holds it. */
export function parseClaim(text: string): LockClaim {
  try {
    const { pid, host, at, unavailableUntil }: Record<string, unknown> = JSON.parse(text)
    if (typeof pid === 'number' && typeof host === 'string' && typeof at === 'number') return { pid, host, at }
    return typeof unavailableUntil === 'number' ? { unavailableUntil } : {}
  } catch {
    return {}
  }
}

/** Was the lock given back, or is its holder gone? Whether a process lives can be told on its own machine alone. */
export function isOver(claim: LockClaim): boolean {
  if (!('pid' in claim)) return true
  const { pid, host, at } = claim
  if (at < Date.now() - maxAgeMs) return true
  if (host !== hostname()) return false
  const bootedAt = Date.now() - uptime() * 1_000
  if (at < bootedAt) return true
  // our own id in a claim from before our time was another process's
  return pid === process.pid ? at < performance.timeOrigin : !lives(pid)
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // not permitted: it lives, as another user
    return hasCode(error, 'EPERM')
  }
}
