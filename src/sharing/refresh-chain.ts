import type { RefreshOutcome } from '../core/refresh-outcome'
import type { TokenSet } from '../core/token-set'
import { RefreshRejectedError } from '../errors/refresh-rejected-error'
import type { GraceStore } from './grace-store'
import { decodeKept, encodeKept, type KeptRefresh } from './kept-refresh'
import { sha256 } from './sha256'

/** What is known of a refresh token, by its hash. */
export interface Known {
  /** What came of it, for this need. */
  readonly outcome?: RefreshOutcome
  /** The hash of the newest refresh token of its session, and that token where it is another one. */
  readonly hash: string
  readonly newest?: string
}

/** The refresh tokens of sessions, each with the one that took its place, for as long as they are remembered. */
export interface RefreshChain {
  /** @param accessToken what the request has already, which helps it no further */
  look(hash: string, need: string, accessToken: string | undefined): Promise<Known>
  /** Keeps an outcome that lasts. The session may have been ended meanwhile: then nobody gets it. */
  keep(outcome: RefreshOutcome, hash: string, need: string): Promise<RefreshOutcome>
  /** Refuses this refresh token, with those it came from and those that came of it. */
  end(hash: string): Promise<void>
  /** Knows nothing of this refresh token any more. */
  begin(hash: string): Promise<void>
}

/** Refresh tokens of one session within the grace time; more are followed no further. */
const longestChain = 100

export function refreshChain(store: GraceStore, graceMs: number, now: () => number): RefreshChain {
  const isEnded = async (hash: string): Promise<boolean> => (await store.get(endedKey(hash))) !== undefined
  async function read(hash: string): Promise<KeptRefresh | undefined> {
    const text = await store.get(keptKey(hash))
    return text === undefined ? undefined : decodeKept(text, hash, now())
  }
  const write = (hash: string, kept: KeptRefresh): unknown => store.set(keptKey(hash), encodeKept(kept, hash), graceMs)

  async function end(hash: string): Promise<void> {
    let last = hash
    for (let length = 0; length < longestChain; length += 1) {
      await store.set(endedKey(last), 'ended', graceMs)
      const next = (await read(last))?.next
      if (next === undefined) break
      last = await sha256(next)
    }
    let at: string | undefined = last
    for (let length = 0; at !== undefined && length < longestChain; length += 1) {
      await store.set(endedKey(at), 'ended', graceMs)
      await store.delete(keptKey(at))
      at = await store.get(previousKey(at))
    }
  }

  return {
    end,
    async begin(hash) {
      for (const key of [endedKey(hash), keptKey(hash), previousKey(hash)]) await store.delete(key)
    },
    async look(hash, need, accessToken) {
      let at: Known = { hash }
      let tokens: TokenSet | undefined
      for (let length = 0; length < longestChain; length += 1) {
        if (await isEnded(at.hash)) return { ...at, outcome: ended() }
        const kept = await read(at.hash)
        if (kept?.rejected) return { ...at, outcome: rejection(rejectedMessage, kept.rejected) }
        tokens = kept?.tokens.get(need) ?? tokens
        if (kept?.next === undefined) break
        at = { newest: kept.next, hash: await sha256(kept.next) }
      }
      // Without rotation one refresh token gives many access tokens, so this one may be the request's own.
      if (tokens === undefined || tokens.accessToken === accessToken) return at
      return { ...at, outcome: { kind: 'refreshed', tokens: withRefreshToken(tokens, at.newest), attempts: 0 } }
    },
    async keep(outcome, hash, need) {
      if (outcome.kind === 'rejected') {
        const { status, oauthError } = outcome.error
        await write(hash, { tokens: new Map(), rejected: { status, oauthError } })
      }
      if (outcome.kind !== 'refreshed') return outcome
      const tokens = new Map((await read(hash))?.tokens).set(need, outcome.tokens)
      const next = outcome.tokens.refreshToken
      const nextHash = next === undefined ? hash : await sha256(next)
      await write(hash, nextHash === hash ? { tokens } : { tokens, next })
      if (nextHash !== hash) await store.set(previousKey(nextHash), hash, graceMs)
      if (!(await isEnded(hash))) return outcome
      await end(nextHash)
      return ended()
    },
  }
}

export const withRefreshToken = (tokens: TokenSet, refreshToken: string | undefined): TokenSet =>
  refreshToken === undefined ? tokens : { ...tokens, refreshToken }

const keptKey = (hash: string): string => `${hash}:kept`
const endedKey = (hash: string): string => `${hash}:ended`
const previousKey = (hash: string): string => `${hash}:previous`

const rejectedMessage = 'The authorization server has rejected this refresh token a moment ago.'

const ended = (): RefreshOutcome => ({
  kind: 'rejected',
  ended: true,
  error: new RefreshRejectedError('The session of this refresh token was ended a moment ago.'),
  attempts: 0,
})

const rejection = (message: string, details?: KeptRefresh['rejected']): RefreshOutcome => ({
  kind: 'rejected',
  error: new RefreshRejectedError(message, details),
  attempts: 0,
})
