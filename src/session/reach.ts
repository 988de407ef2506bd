import type { AnyAuthClientOptions } from '../core/auth-client-options'
import { createOriginPolicy, type OriginPolicy } from '../core/origins'
import type { ResolveUrl } from '../core/resolve-url'
import { urlJoiner } from '../core/url-joiner'
import { ConfigurationError } from '../errors/configuration-error'

/** Which URLs the client's requests go to, and which of them get the token (A1, A2, A9). */
export interface Reach {
  readonly policy: OriginPolicy
  readonly resolve: ResolveUrl
  readonly baseUrl: URL | undefined
}

/** @throws ConfigurationError `AUTH_CONFIGURATION` for a baseUrl or an origin that cannot be one */
export function createReach(options: AnyAuthClientOptions, report: (error: unknown) => void): Reach {
  const page = pageUrl()
  const baseUrl = baseUrlOf(options.baseUrl, page)
  const { allowedOrigins, dangerouslyAllowInsecureHttp = false } = options
  if (!baseUrl && !allowedOrigins && !page) {
    return { policy: nowhere, resolve: urlJoiner(undefined), baseUrl }
  }
  const policy = createOriginPolicy(
    {
      dangerouslyAllowInsecureHttp,
      ...(baseUrl ? { baseUrl } : {}),
      ...(page ? { pageOrigin: page.origin } : {}),
      ...(allowedOrigins ? { allowedOrigins } : {}),
    },
    report,
  )
  return { policy, resolve: baseUrl ? urlJoiner(baseUrl) : asPage, baseUrl }
}

function nowhere(): never {
  throw new ConfigurationError(
    'No origin may get the token: set baseUrl or allowedOrigins. Outside a page there is no origin to fall back to.',
  )
}

/** Without a `baseUrl` a relative URL means what it means to `fetch`. */
function asPage(url: string): string | undefined {
  const base = fetchBase()
  return URL.canParse(url, base) ? new URL(url, base).href : undefined
}

const fetchBase = (): string | undefined =>
  typeof document === 'undefined' ? globalThis.location?.href : document.baseURI

/** The page. Its `<base>` counts within its own origin alone: one of another origin, which may be injected, gets no token. */
function pageUrl(): URL | undefined {
  const { location, origin = location?.origin } = globalThis
  for (const href of [fetchBase(), location?.href]) {
    if (href !== undefined && URL.canParse(href) && new URL(href).origin === origin) return new URL(href)
  }
  return undefined
}

function baseUrlOf(given: string | URL | undefined, page: URL | undefined): URL | undefined {
  if (given === undefined) return undefined
  if (given === '') {
    throw new ConfigurationError('The option baseUrl is empty: is an environment variable not set here?')
  }
  const base = page && page.origin !== 'null' ? page : undefined
  if (!URL.canParse(given, base)) {
    // a relative one is fine in a page; on a server the client can be made, and says so at its first request
    if (!base && !/^[a-z][a-z\d+\-.]*:/i.test(String(given)) && String(given).startsWith('/')) return undefined
    throw new ConfigurationError(
      'The option baseUrl cannot be parsed: write it with its scheme, for example https://api.example.com.',
    )
  }
  const url = new URL(given, base)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ConfigurationError(`The option baseUrl has to be an https: URL, not ${url.protocol}.`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConfigurationError('The option baseUrl must not hold user info (name or password before an @).')
  }
  return url
}
