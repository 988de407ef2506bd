import type { AuthorizationServer } from 'oauth4webapi'
import type { AuthClientOptions } from '../../core/auth-client-options'
import { ConfigurationError } from '../../errors/configuration-error'
import { type FederatedChoice, type FederatedOptions, isForAll } from './federated-options'
import { discover, revoke, type Sending } from './oauth-requests'

/** What goes to the end-session endpoint besides what the options say. */
export interface EndSessionRequest {
  readonly idToken?: string | undefined
  /** @defaultValue the option `federated.postLogoutRedirectUri` */
  readonly postLogoutRedirectUri?: string | undefined
  /** Comes back with the browser. */
  readonly state?: string | undefined
}

/** What a sign-out does at the provider. A provider without options is left alone. */
export interface FederatedSignOut {
  /** Where the browser ends the provider's own session. */
  endSessionUrl(provider: string | undefined, request: EndSessionRequest, sending: Sending): Promise<string | undefined>
  /** RFC 7009. @throws what says why it was not revoked */
  revoke(provider: string | undefined, refreshToken: string, sending: Sending): Promise<void>
  /** For a request's client. */
  clientOptions(
    provider: () => string | undefined,
    sending: Sending,
  ): Pick<AuthClientOptions, 'revoke' | 'endSessionUrl'>
}

export function createFederatedSignOut(options: FederatedChoice | undefined): FederatedSignOut {
  const discovered = new Map<string, Promise<AuthorizationServer>>()

  function optionsOf(provider: string | undefined): FederatedOptions | undefined {
    if (options === undefined || isForAll(options)) return options
    return provider !== undefined && Object.hasOwn(options, provider) ? options[provider] : undefined
  }
  async function server({ issuer }: FederatedOptions, sending: Sending): Promise<AuthorizationServer | undefined> {
    if (issuer === undefined) return undefined
    const known = discovered.get(issuer)
    if (known) return known
    const found = discover(issuer, sending)
    discovered.set(issuer, found)
    found.catch(() => discovered.delete(issuer))
    return found
  }

  const federated: Omit<FederatedSignOut, 'clientOptions'> = {
    async endSessionUrl(provider, { idToken, state, postLogoutRedirectUri }, sending) {
      const found = optionsOf(provider)
      if (!found) return undefined
      const endpoint = found.endSessionEndpoint ?? (await server(found, sending))?.end_session_endpoint
      if (endpoint === undefined) throw missing('endSessionEndpoint')
      return withParameters(endpoint, {
        client_id: found.clientId,
        id_token_hint: idToken,
        post_logout_redirect_uri: postLogoutRedirectUri ?? found.postLogoutRedirectUri,
        state,
      })
    },
    async revoke(provider, refreshToken, sending) {
      const found = optionsOf(provider)
      if (!found) return
      const { clientId, clientSecret, issuer, revocationEndpoint } = found
      const known = revocationEndpoint === undefined ? await server(found, sending) : undefined
      const endpoint = revocationEndpoint ?? known?.revocation_endpoint
      if (endpoint === undefined) throw missing('revocationEndpoint')
      const described = { issuer: issuer ?? endpoint, ...known, revocation_endpoint: endpoint }
      await revoke({ server: described, clientId, clientSecret, refreshToken }, sending)
    },
  }

  return {
    ...federated,
    clientOptions(provider, sending) {
      if (options === undefined) return {}
      return {
        async revoke({ refreshToken, fetch, signal }) {
          if (refreshToken !== undefined) await federated.revoke(provider(), refreshToken, { fetch, signal })
        },
        endSessionUrl: ({ idToken }) => federated.endSessionUrl(provider(), { idToken }, sending),
      }
    },
  }
}

function withParameters(endpoint: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(endpoint)
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}

const missing = (option: string): ConfigurationError =>
  new ConfigurationError(
    `createNextAuthServer: federated.${option} is not set, and no discovery document says it: set it, or an issuer whose document does.`,
  )
