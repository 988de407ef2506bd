import type { SignOutResult } from '../core/auth-client'
import type { AnyAuthClientOptions } from '../core/auth-client-options'
import type { Clock } from '../core/clock'
import type { TokenSet } from '../core/token-set'
import type { CallsInOrder } from './calls-in-order'
import { isResponse } from './read-body'
import type { SessionStore } from './session-store'

interface Parts {
  readonly store: SessionStore
  readonly calls: CallsInOrder
  readonly clock: Clock
  readonly fetch: typeof globalThis.fetch
  readonly options: Pick<AnyAuthClientOptions, 'revoke' | 'endSessionUrl'> & { readonly refreshTimeoutMs: number }
  /** Reduces what was thrown to what may be shown. */
  readonly foreign: (error: unknown) => unknown
}

export interface SignOut {
  signOut(): Promise<SignOutResult>
  /** F9: ends tokens that came for a session that is over already. */
  revokeLate(tokens: TokenSet): void
}

/** S4: the local session first; what the authorization server makes of it is best effort. */
export function createSignOut({ store, calls, clock, fetch, options, foreign }: Parts): SignOut {
  const keptAlive: typeof globalThis.fetch = (input, init) => fetch(input, { keepalive: true, ...init })

  /** Bounded; never rejects. */
  async function bounded<T>(work: (signal: AbortSignal) => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
    const abort = new AbortController()
    let cancel = (): void => {}
    const timeUp = new Promise<never>((_, reject) => {
      cancel = clock.after(options.refreshTimeoutMs, () => {
        const reason = new DOMException(
          `No answer within refreshTimeoutMs (${options.refreshTimeoutMs} ms).`,
          'TimeoutError',
        )
        reject(reason)
        abort.abort(reason)
      })
    })
    try {
      return { value: await Promise.race([work(abort.signal), timeUp]) }
    } catch (error) {
      return { error: foreign(error) }
    } finally {
      cancel()
    }
  }

  async function revoke(tokens: TokenSet): Promise<Pick<SignOutResult, 'revoked' | 'error'>> {
    if (!options.revoke) return { revoked: false }
    const { revoke } = options
    const result = await bounded(async (signal) => {
      const answer = await revoke({ tokens, refreshToken: tokens.refreshToken, fetch: keptAlive, signal })
      if (isResponse(answer) && (answer.status < 200 || answer.status > 299))
        throw Object.assign(new Error('not revoked'), { status: answer.status })
    })
    return 'error' in result ? { revoked: false, error: result.error } : { revoked: true }
  }

  async function endSessionUrl(tokens: TokenSet): Promise<Pick<SignOutResult, 'endSessionUrl' | 'error'>> {
    const { endSessionUrl: option } = options
    if (option === undefined) return {}
    const result = await bounded(() => (typeof option === 'function' ? option(tokens) : option))
    if ('error' in result) return { error: result.error }
    return result.value == null ? {} : { endSessionUrl: String(result.value) }
  }

  async function signOutNow(): Promise<SignOutResult> {
    const tokens = await store.end(store.state().epoch, { reason: 'signOut' })
    if (!tokens) return { revoked: false }
    const [revocation, endSession] = await Promise.all([revoke(tokens), endSessionUrl(tokens)])
    return { ...endSession, ...revocation }
  }

  let underWay: Promise<SignOutResult> | undefined
  return {
    async signOut() {
      calls.takeEffect(calls.begin())
      // asked twice (a double click) is answered alike, unless somebody has signed in meanwhile
      if (underWay && store.state().status === 'signedOut') return underWay
      const mine = signOutNow().finally(() => {
        if (underWay === mine) underWay = undefined
      })
      underWay = mine
      return mine
    },
    revokeLate: (tokens) => void revoke(tokens),
  }
}
