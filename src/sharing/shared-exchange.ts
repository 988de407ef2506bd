import type { RefreshOutcome } from '../core/refresh-outcome'
import type { HeldLock } from '../core/token-storage'
import { reduceCause } from '../errors/reduce-cause'
import { RefreshUnavailableError } from '../errors/refresh-unavailable-error'
import type { ExchangeRequest, RefreshExchange } from '../session/refresh-exchange'
import { type GraceStore, memoryGraceStore } from './grace-store'
import { decodeOutcome, encodeOutcome, isLasting, type LastingOutcome, rejection } from './kept-outcome'

export interface SharedExchangeOptions {
  /** Where outcomes are kept: `redisGraceStore` for many processes. @defaultValue the memory of this process */
  readonly store?: GraceStore
  /** How long a refresh token that was used still gets what came of it (ms). @defaultValue `30_000` */
  readonly graceMs?: number
  /** Wall clock (epoch ms). @defaultValue `Date.now` */
  readonly now?: () => number
}

export interface SharedExchange {
  readonly exchange: RefreshExchange
  /**
   * For a sign-out: for the grace time this refresh token is refused, with those before and after it in these processes, and the
   * tokens that were kept for them are gone.
   */
  forget(refreshToken: string): Promise<void>
}

/** How long a request waits for the exchange of another process, where it does not say (ms). */
const patienceMs = 10_000

/** A session that refreshes more often than that within the grace time is followed no further. */
const longestChain = 100

/**
 * H5, a decorator for servers: requests that bring the same refresh token share one exchange, and one that comes late, with a token
 * that was rotated away, gets the same tokens for the grace time. Keyed by SHA-256 of the token. Outcomes that can change (an outage)
 * are not kept. While the store is away the outcome is *unavailable*: nothing is exchanged twice.
 */
export function shareExchange(exchange: RefreshExchange, options: SharedExchangeOptions = {}): SharedExchange {
  const { now = Date.now, graceMs = 30_000, store = memoryGraceStore(now) } = options
  const underWay = new Map<string, Promise<RefreshOutcome>>()

  async function known({ tokens }: ExchangeRequest, { token, entry }: Keys): Promise<LastingOutcome | undefined> {
    if ((await store.get(endedKey(token))) !== undefined) return ended()
    const text = await store.get(entry)
    const kept = text === undefined ? undefined : decodeOutcome(text, entry, now())
    // Without rotation one refresh token gives many access tokens: the one that the request already has helps it no further.
    const isNews = kept?.kind !== 'refreshed' || kept.tokens.accessToken !== tokens?.accessToken
    return isNews ? kept : undefined
  }
  /** Keeps what lasts. The session may have been ended meanwhile: then nobody gets it. */
  async function keep(outcome: RefreshOutcome, { token, entry }: Keys): Promise<RefreshOutcome> {
    if (!isLasting(outcome)) return outcome
    await store.set(entry, encodeOutcome(outcome, entry), graceMs)
    const next = outcome.kind === 'refreshed' ? outcome.tokens.refreshToken : undefined
    const successor = next === undefined ? token : await sha256(next)
    if (successor !== token) {
      await store.set(nextKey(token), successor, graceMs)
      await store.set(previousKey(successor), token, graceMs)
    }
    if ((await store.get(endedKey(token))) === undefined) return outcome
    await end(token)
    return ended()
  }
  async function end(token: string): Promise<void> {
    await store.set(endedKey(token), 'ended', graceMs)
    await store.delete(entryKey(token))
    for (const step of [previousKey, nextKey]) {
      let at: string | undefined = token
      for (let length = 0; length < longestChain; length += 1) {
        at = await store.get(step(at))
        if (at === undefined) break
        await store.set(endedKey(at), 'ended', graceMs)
        await store.delete(entryKey(at))
      }
    }
  }
  async function ask(request: ExchangeRequest, keys: Keys): Promise<RefreshOutcome> {
    const outcome = await exchange(request)
    if (outcome.kind !== 'unavailable') return keep(outcome, keys).catch(() => outcome)
    // It may come after all: those who come later with this token get it then.
    const late = outcome.late?.then((found) => keep(found, keys).catch(() => found))
    return late === undefined ? outcome : { ...outcome, late }
  }
  async function askInTurn(request: ExchangeRequest, keys: Keys): Promise<RefreshOutcome> {
    const since = now()
    const { timeoutMs = patienceMs } = request
    const found = await known(request, keys)
    if (found !== undefined || store.lock === undefined) return found ?? ask(request, keys)

    const held = await store.lock(keys.token, AbortSignal.timeout(timeoutMs))
    let outcome: RefreshOutcome | undefined
    try {
      outcome = (await known(request, keys)) ?? leftBy(held, since)
      outcome ??= await ask({ ...request, timeoutMs: Math.max(1, timeoutMs - (now() - since)) }, keys)
      return outcome
    } finally {
      await Promise.resolve(held.release(outcome?.kind === 'unavailable' ? now() : undefined)).catch(() => {})
    }
  }

  return {
    async exchange(request) {
      const refreshToken = request.tokens?.refreshToken
      if (refreshToken === undefined) return exchange(request)
      const keys = await keysOf(refreshToken, request)
      const joined = underWay.get(keys.entry)
      if (joined !== undefined) return joined
      const outcome = askInTurn(request, keys)
        .catch(storeAway)
        .finally(() => underWay.delete(keys.entry))
      underWay.set(keys.entry, outcome)
      return outcome
    },
    forget: async (refreshToken) => end(await sha256(refreshToken)),
  }
}

interface Keys {
  /** The hash of the refresh token. */
  readonly token: string
  /** Where what came of it is kept, for this need. */
  readonly entry: string
}

async function keysOf(refreshToken: string, { resource, claims }: ExchangeRequest): Promise<Keys> {
  const token = await sha256(refreshToken)
  const need = resource === undefined && claims === undefined ? '' : await sha256(JSON.stringify([resource, claims]))
  return { token, entry: entryKey(token, need) }
}
const entryKey = (token: string, need = ''): string => `${token}:${need}`
const endedKey = (token: string): string => `${token}:ended`
const nextKey = (token: string): string => `${token}:next`
const previousKey = (token: string): string => `${token}:previous`

async function sha256(text: string): Promise<string> {
  const bytes = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const ended = (): LastingOutcome => rejection('The session of this refresh token was ended a moment ago.')

/** Who waited while another process asked in vain takes that outcome, and does not ask again. */
function leftBy({ unavailableUntil }: HeldLock, since: number): RefreshOutcome | undefined {
  if (unavailableUntil === undefined || since > unavailableUntil) return undefined
  return unavailable('Another process has tried this refresh, and the authorization server was not available.')
}

const storeAway = (error: unknown): RefreshOutcome =>
  unavailable('The store that processes share refreshes through did not answer.', error)

const unavailable = (message: string, cause?: unknown): RefreshOutcome => ({
  kind: 'unavailable',
  error: new RefreshUnavailableError(message, { cause: reduceCause(cause) }),
  answered: true,
  attempts: 0,
})
