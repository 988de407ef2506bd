/** The sign-out at a provider. Endpoints that are not given are those of its discovery document. */
export interface FederatedOptions {
  /** Its issuer identifier: for discovery (OpenID Connect Discovery 1.0 §4), which needs the package `oauth4webapi`. */
  readonly issuer?: string
  readonly clientId: string
  /** For revocations. Public clients have none. */
  readonly clientSecret?: string | undefined
  /** Where the browser comes back to; has to be registered there. @defaultValue the provider's own page */
  readonly postLogoutRedirectUri?: string
  /** OpenID Connect RP-Initiated Logout 1.0 §2. @defaultValue `end_session_endpoint` of the discovery document */
  readonly endSessionEndpoint?: string
  /** RFC 7009. @defaultValue `revocation_endpoint` of the discovery document */
  readonly revocationEndpoint?: string
}

export type FederatedChoice = FederatedOptions | Readonly<Record<string, FederatedOptions>>

/** One provider, or several under their ids? */
export const isForAll = (options: FederatedChoice): options is FederatedOptions =>
  typeof Reflect.get(options, 'clientId') === 'string'
