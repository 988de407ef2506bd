import { readProperty } from './read-property'

const links = ['cause', 'networkError', 'originalError'] as const
const most = 32

/** An error and what led to it, nearest first, through the wrappers of HTTP and GraphQL clients. Bounded, also where they go in circles. */
export function causesOf(error: unknown): ReadonlySet<unknown> {
  const causes = new Set<unknown>([error])
  // A set hands out what is added while it is walked.
  for (const value of causes) {
    if (causes.size > most) break
    for (const link of links) {
      const cause = readProperty(value, link)
      if (typeof cause === 'object' && cause !== null) causes.add(cause)
    }
  }
  return causes
}
