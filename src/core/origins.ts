import { ConfigurationError } from '../errors/configuration-error'
import type { WithheldReason } from './auth-events'
import { isPromise, type MaybePromise } from './maybe-promise'

/** Which origins get the token, as the client was told. */
export interface OriginOptions {
  readonly baseUrl?: URL | undefined
  /** The page's own: counts where neither of the others is given. */
  readonly pageOrigin?: string | undefined
  /** Exact origins, or a predicate that is asked for every other origin and must return exactly `true`. */
  readonly allowedOrigins?: readonly string[] | ((url: URL) => boolean) | undefined
  readonly dangerouslyAllowInsecureHttp?: boolean | undefined
}

/** May a request to this URL carry the token? If not, why (`ownHeader`: user info stands in the URL), and which origin it is. */
export type Placement = 'allowed' | { readonly withheld: WithheldReason; readonly origin: string }

/** Takes an absolute URL. */
export type OriginPolicy = (url: string) => Placement

/**
 * A1, A2, A9. Origins are compared parsed. A URL that starts with a known origin and a slash needs no parsing: nothing after them can
 * change its origin.
 * @param report gets what the predicate throws; the token is withheld then
 * @throws ConfigurationError `AUTH_CONFIGURATION` an entry of `allowedOrigins` is not its own origin
 */
export function createOriginPolicy(options: OriginOptions, report: (error: unknown) => void): OriginPolicy {
  const { baseUrl, pageOrigin, allowedOrigins, dangerouslyAllowInsecureHttp = false } = options
  const isAllowedBy = typeof allowedOrigins === 'function' ? allowedOrigins : undefined
  const origins = typeof allowedOrigins === 'object' ? allowedOrigins.map(checkedOrigin) : []
  if (baseUrl) origins.push(baseUrl.origin)
  else if (pageOrigin !== undefined && allowedOrigins === undefined) origins.push(pageOrigin)

  const mayCarry = ({ protocol, hostname }: URL) =>
    protocol === 'https:' || (protocol === 'http:' && (dangerouslyAllowInsecureHttp || isLoopback(hostname)))
  const prefixes = origins.filter((origin) => parseUrl(origin, mayCarry)).map((origin) => `${origin}/`)

  const asksPredicate = (url: string): boolean => {
    try {
      const answer: MaybePromise<boolean> | undefined = isAllowedBy?.(new URL(url))
      if (answer !== undefined && isPromise(answer)) answer.then(undefined, report)
      return answer === true
    } catch (error) {
      report(error)
      return false
    }
  }

  return (url) => {
    for (const prefix of prefixes) if (url.startsWith(prefix)) return 'allowed'
    const parsed = parseUrl(url)
    if (parsed === undefined) return { withheld: 'origin', origin: 'null' }
    const { origin, username, password } = parsed
    if (!isHttp(parsed) || !(origins.includes(origin) || asksPredicate(url))) return { withheld: 'origin', origin }
    if (!mayCarry(parsed)) return { withheld: 'insecure', origin }
    return username || password ? { withheld: 'ownHeader', origin } : 'allowed'
  }
}

const plainOrigin = /^https?:\/\/[^/?#\\@*\s]+$/i

function checkedOrigin(entry: string, index: number): string {
  const origin = httpOrigin(entry)
  if (origin !== undefined && plainOrigin.test(entry)) return origin
  const guess = origin ?? httpOrigin(String(entry).replace(/^(?:[\w+.-]*:)?\/+|^/, 'https://'))
  const example = guess === undefined || guess.includes('*') ? 'https://api.example.com' : guess
  throw new ConfigurationError(
    `allowedOrigins[${index}] is not an origin: write it like "${example}", without path, user info or "*". A function of the URL can allow more than one.`,
  )
}

const isHttp = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'http:'

export const isLoopback = (hostname: string): boolean =>
  /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)

const httpOrigin = (text: string): string | undefined => parseUrl(text, isHttp)?.origin

/** `undefined` also for a URL that does not pass `test`. */
function parseUrl(text: string, test?: (url: URL) => boolean): URL | undefined {
  try {
    const url = new URL(text)
    return test?.(url) === false ? undefined : url
  } catch {
    return undefined
  }
}
