import { ConfigurationError } from '../errors/configuration-error'
import { readProperty } from '../errors/read-property'

/** @throws ConfigurationError `AUTH_CONFIGURATION` for what is no session, as when arguments are swapped */
export function checkSession(auth: unknown): void {
  if (!readProperty(auth, 'reauthorize'))
    throw new ConfigurationError('The first argument has to be the client of createAuthClient().')
}
