import { ConfigurationError } from '../errors/configuration-error'
import type { AnyAuthClientOptions } from './auth-client-options'
import { longestTimerMs } from './longest-timer-ms'

type Check = (value: unknown) => string | undefined

const a =
  (what: string, isIt: (value: unknown) => boolean): Check =>
  (value) =>
    isIt(value) ? undefined : what
const isBoolean = a('a boolean', (value) => typeof value === 'boolean')
const isFunction = a('a function', (value) => typeof value === 'function')
const isDuration = a(
  `a number of milliseconds from 0 to ${longestTimerMs}`,
  (value) => typeof value === 'number' && value >= 0 && value <= longestTimerMs,
)
const hasMethods = (value: unknown, ...names: string[]): boolean =>
  typeof value === 'object' && value !== null && names.every((name) => typeof Reflect.get(value, name) === 'function')

const checks: { readonly [Name in keyof AnyAuthClientOptions]: Check } = {
  baseUrl: a(
    'a URL, for example https://api.example.com',
    (value) => typeof value === 'string' || value instanceof URL,
  ),
  allowedOrigins: a(
    'a list of origins such as https://files.example.com, or a function of a URL',
    (value) =>
      typeof value === 'function' || (Array.isArray(value) && value.every((origin) => typeof origin === 'string')),
  ),
  dangerouslyAllowInsecureHttp: isBoolean,
  header: a(
    'a header name (RFC 9110 §5.1)',
    (value) => typeof value === 'string' && /^[!#$%&'*+\-.^_`|~\w]+$/.test(value),
  ),
  scheme: a(
    "a scheme such as 'Bearer', or ''",
    (value) => typeof value === 'string' && /^[!#$%&'*+\-.^_`|~\w]*$/.test(value),
  ),
  authenticate: isFunction,
  isTokenRefused: isFunction,
  signOutOnSecondRefusal: isBoolean,
  storage: a('a TokenStorage with at least read() and write()', (value) => hasMethods(value, 'read', 'write')),
  refresh: isFunction,
  refreshWithoutToken: isBoolean,
  refreshAheadMs: isDuration,
  minValidityMs: isDuration,
  refreshTimeoutMs: a(
    `a number of milliseconds from 1 to ${longestTimerMs}`,
    (value) => typeof value === 'number' && value >= 1 && value <= longestTimerMs,
  ),
  refreshRetries: a('a whole number from 0', (value) => Number.isInteger(value) && Number(value) >= 0),
  refreshCooldownMs: isDuration,
  rejectedStatuses: a(
    'a list of HTTP statuses',
    (value) =>
      Array.isArray(value) && value.every((status) => Number.isInteger(status) && status >= 400 && status < 500),
  ),
  keepFresh: isBoolean,
  wakeEvents: isFunction,
  revoke: isFunction,
  endSessionUrl: a(
    'a URL or a function',
    (value) => ['string', 'function'].includes(typeof value) || value instanceof URL,
  ),
  fetch: isFunction,
  clock: a('a Clock with now(), monotonic() and after()', (value) => hasMethods(value, 'now', 'monotonic', 'after')),
  random: isFunction,
  onError: isFunction,
}

/** @throws ConfigurationError `AUTH_CONFIGURATION` names the option that cannot work, and what it has to be */
export function checkOptions(options: AnyAuthClientOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError('createAuthClient takes an object of options, for example { baseUrl, refresh }.')
  }
  for (const [name, check] of Object.entries(checks)) {
    const value: unknown = Reflect.get(options, name)
    const wanted = value === undefined ? undefined : check(value)
    if (wanted !== undefined) throw new ConfigurationError(`The option ${name} has to be ${wanted}.`)
  }
  for (const name of Object.keys(options)) {
    const meant = Object.keys(checks).find((known) => known !== name && known.toLowerCase() === name.toLowerCase())
    if (meant !== undefined) throw new ConfigurationError(`There is no option ${name}: write ${meant}.`)
  }
  if (options.refreshWithoutToken && !options.refresh) {
    throw new ConfigurationError(
      'refreshWithoutToken needs the option refresh: the function that calls the endpoint the cookie is for.',
    )
  }
}
