/** What this library reads of a JWT. Unverified: good for timing and for telling sessions apart, never for trust. */
export interface JwtClaims {
  /** Epoch seconds (RFC 7519 §4.1.4). */
  readonly exp?: number
  /** Epoch seconds (RFC 7519 §4.1.6). */
  readonly iat?: number
  readonly iss?: string
  readonly sub?: string
}

const maxLength = 65_536

/** The claims of a JWT, unverified; `undefined` for every other token, and for one longer than 64 KB. Never throws. */
export function jwtClaims(token: string): JwtClaims | undefined {
  if (token.length > maxLength) return undefined
  const [, payload, signature] = token.split('.')
  if (!payload || signature === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(decodeBase64url(payload))
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined
    const { exp, iat, iss, sub }: Record<string, unknown> = { ...claims }
    return {
      ...(isNumber(exp) && { exp }),
      ...(isNumber(iat) && { iat }),
      ...(typeof iss === 'string' && { iss }),
      ...(typeof sub === 'string' && { sub }),
    }
  } catch {
    return undefined
  }
}

const isNumber = (value: unknown): value is number => Number.isFinite(value)

// By percent-encoding, since not every engine that has `atob` has a TextDecoder (React Native).
const decodeBase64url = (text: string): string =>
  decodeURIComponent(
    atob(text.replaceAll('-', '+').replaceAll('_', '/')).replace(
      /\W/g,
      (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
    ),
  )
