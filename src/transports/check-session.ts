import { ConfigurationError } from '../errors/configuration-error'

/** @throws ConfigurationError `AUTH_CONFIGURATION` for what is no session, as when arguments are swapped */
export function checkSession(auth: unknown, callee: string): void {
  if (typeof auth === 'object' && auth !== null && 'authorize' in auth && 'reauthorize' in auth) return
  throw new ConfigurationError(`${callee} takes the client that createAuthClient() returns as its first argument.`)
}
