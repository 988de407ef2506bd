import { useEffect, useRef } from 'react'
import type { SignedOutReason } from '../../core/session-state'
import { ConfigurationError } from '../../errors/configuration-error'
import { type Auth, useAuth } from './use-auth'

interface RedirectSwitch {
  /** `false`: only say who is signed in. @defaultValue `true` */
  readonly redirect?: boolean | undefined
}

/** Where to send whoever is not signed in: one of both. */
export type RequireAuthOptions = RedirectSwitch &
  (
    | {
        /** Called once for each time that nobody is found to be signed in; shows the login with the router of your app. */
        readonly onUnauthenticated: (reason: SignedOutReason | undefined) => void
        readonly redirectTo?: undefined
      }
    | {
        /** Where the page goes, in place of itself (`location.replace`). */
        readonly redirectTo: string
        readonly onUnauthenticated?: undefined
      }
  )

/**
 * `useAuth` for what only signed-in users may see: sends everybody else to the login, also after a sign-out. Render your page where
 * `status` is `signedIn`, and something neutral otherwise: nobody is sent away while `restoring`.
 *
 * @throws ConfigurationError `AUTH_CONFIGURATION` outside of an `AuthProvider`, and without one of the two ways
 */
export function useRequireAuth(options: RequireAuthOptions): Auth {
  check(options)
  const session = useAuth()
  const isMissing = session.status === 'signedOut' && options.redirect !== false
  const latest = useRef(options)
  useEffect(() => {
    latest.current = options
  })
  useEffect(() => {
    if (!isMissing) return
    // A turn later: Strict Mode ends this effect at once and starts it again, and that makes one call.
    let isCurrent = true
    queueMicrotask(() => {
      if (isCurrent) leave(latest.current, session.reason)
    })
    return () => {
      isCurrent = false
    }
  }, [isMissing, session])
  return session
}

function leave({ onUnauthenticated, redirectTo }: RequireAuthOptions, reason: SignedOutReason | undefined): void {
  if (onUnauthenticated) onUnauthenticated(reason)
  else location.replace(redirectTo)
}

function check(options: RequireAuthOptions | undefined): void {
  if (typeof options?.onUnauthenticated === 'function' || typeof options?.redirectTo === 'string') return
  throw new ConfigurationError(
    "useRequireAuth needs one of the options onUnauthenticated and redirectTo: useRequireAuth({ redirectTo: '/login' }).",
  )
}
