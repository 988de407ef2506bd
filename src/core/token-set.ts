/** One access token. Instants are epoch ms. */
export interface AccessToken {
  readonly accessToken: string
  /** The instant from which it no longer counts as valid (epoch ms). Without it, it is valid until refused. */
  readonly expiresAt?: number
  /** The instant its request was sent (epoch ms). With `expiresAt` it gives the lifetime that the refresh windows shrink to. */
  readonly issuedAt?: number
  /** RFC 6749 §7.1, as the authorization server spelled it. */
  readonly tokenType?: string
  /** RFC 6749 §3.3: space-separated. */
  readonly scope?: string
}

/**
 * What your app keeps beside the tokens. Augment it:
 * `declare module 'tokenflight' { interface TokenExtras { readonly tenant?: string } }`. Values are plain JSON.
 */
// biome-ignore lint/suspicious/noEmptyInterface: an interface is what users can augment
export interface TokenExtras {}

/** What one sign-in holds. */
export interface TokenSet extends AccessToken, TokenExtras {
  readonly refreshToken?: string
  readonly idToken?: string
  /** Made by `signIn`, kept by every refresh: tells a refreshed session from another sign-in. */
  readonly sessionId?: string
}

/** The token endpoint's answer on the wire (RFC 6749 §5.1). `expires_in` in seconds. */
export interface TokenResponse {
  readonly access_token: string
  readonly expires_in?: number
  readonly refresh_token?: string
  readonly id_token?: string
  readonly token_type?: string
  readonly scope?: string
}

/** A token set as applications write it: camelCase, with `expiresIn` in seconds instead of `expiresAt`. */
export interface RelativeTokenSet extends Omit<TokenSet, 'expiresAt' | 'issuedAt'> {
  readonly expiresIn?: number
}

/** Every shape that `signIn`, `setTokens` and a refresher take. One parser reads them all. */
export type TokenInput = TokenSet | RelativeTokenSet | TokenResponse | Response

/** Which access token a request needs. `{}`: the only one. */
export interface TokenNeed {
  /** RFC 8707. */
  readonly resource?: string
  /** What the challenge's `claims` said, as it stood there (Azure: base64 of JSON). */
  readonly claims?: string
}

/** Are these the tokens of one and the same exchange? */
export const sameTokens = (a: TokenSet | undefined, b: TokenSet | undefined): boolean =>
  a === b || (a?.accessToken === b?.accessToken && a?.refreshToken === b?.refreshToken)
