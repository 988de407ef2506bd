import type { AuthorizationServer, ClientAuth } from 'oauth4webapi'
import { isLoopback } from '../../core/origins'
import { ConfigurationError } from '../../errors/configuration-error'

/** How a request to the provider is made. */
export interface Sending {
  readonly fetch: typeof globalThis.fetch
  readonly signal?: AbortSignal
}

export interface Revocation {
  readonly server: AuthorizationServer & { readonly revocation_endpoint: string }
  readonly clientId: string
  readonly clientSecret?: string | undefined
  readonly refreshToken: string
}

/** OpenID Connect Discovery 1.0 §4. @throws what says why it failed */
export async function discover(issuer: string, sending: Sending): Promise<AuthorizationServer> {
  const oauth = await loadOauth()
  const url = new URL(issuer)
  const response = await oauth.discoveryRequest(url, requestOptions(oauth, url, sending))
  return oauth.processDiscoveryResponse(url, response)
}

/** RFC 7009 §2.1. @throws what says why it was not revoked */
export async function revoke(
  { server, clientId, clientSecret, refreshToken }: Revocation,
  sending: Sending,
): Promise<void> {
  const oauth = await loadOauth()
  const options = requestOptions(oauth, new URL(server.revocation_endpoint), sending)
  const authentication = clientSecret === undefined ? oauth.None() : clientAuthentication(oauth, server, clientSecret)
  const response = await oauth.revocationRequest(server, { client_id: clientId }, authentication, refreshToken, {
    ...options,
    additionalParameters: { token_type_hint: 'refresh_token' },
  })
  await oauth.processRevocationResponse(response)
}

type Oauth = typeof import('oauth4webapi')

/** Loaded on demand: who signs out here alone does not need it. */
async function loadOauth(): Promise<Oauth> {
  try {
    return await import('oauth4webapi')
  } catch {
    throw new ConfigurationError('Discovery and revocation need the package oauth4webapi: npm install oauth4webapi.')
  }
}

/** By default as every server has to take it (RFC 6749 §2.3.1). */
function clientAuthentication(oauth: Oauth, server: AuthorizationServer, clientSecret: string): ClientAuth {
  const methods = server.revocation_endpoint_auth_methods_supported ?? server.token_endpoint_auth_methods_supported
  const inBody = methods?.includes('client_secret_post') && !methods.includes('client_secret_basic')
  return inBody ? oauth.ClientSecretPost(clientSecret) : oauth.ClientSecretBasic(clientSecret)
}

/** What the library hands to a `fetch` of one's own. */
interface LibraryInit extends Omit<RequestInit, 'body' | 'signal'> {
  readonly body?: URLSearchParams | undefined
  readonly signal?: AbortSignal | undefined
}

/** A2: plain http on loopback alone. */
const requestOptions = (oauth: Oauth, { hostname }: URL, { fetch, signal }: Sending) => ({
  [oauth.customFetch]: (url: string, { body = undefined, signal: given = undefined, ...init }: LibraryInit) =>
    fetch(url, { ...init, ...(body && { body }), ...(given && { signal: given }) }),
  [oauth.allowInsecureRequests]: isLoopback(hostname),
  ...(signal && { signal }),
})
