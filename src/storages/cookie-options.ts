import { ConfigurationError } from '../errors/configuration-error'
import type { CookieAttributes, CookieJar } from './cookie-jar'
import type { Secret } from './sealing'

export interface CookieStorageOptions {
  /** Where the cookies are, on a server: a new storage for each request. Without it: those of this page. */
  readonly jar?: CookieJar
  /**
   * The cookie's name, without a `__Host-` prefix: it gets one where `secure`, `path` and `domain` allow it, so that no other host
   * and no subdomain can set it. @defaultValue `'tokenflight'`
   */
  readonly name?: string
  /** How long the cookie lives after a write (ms); each refresh is one. Browsers keep none for more than 400 days. @defaultValue 30 days */
  readonly maxAgeMs?: number
  /** @defaultValue `'/'` */
  readonly path?: string
  /** Lets the subdomains have it too. @defaultValue this host alone */
  readonly domain?: string
  /** @defaultValue `'lax'` */
  readonly sameSite?: CookieAttributes['sameSite']
  /** Over https only. @defaultValue `true` with a `jar`; in a browser: when the page is https */
  readonly secure?: boolean
  /** Out of reach for scripts. @defaultValue `true` with a `jar`; in a browser it cannot be */
  readonly httpOnly?: boolean
  /**
   * Seals what is in the cookie: nobody else can read or change it. Several while one takes the place of another: the first seals,
   * all unseal. With a `jar` only; needs the package `jose`. @see sealing
   */
  readonly secret?: Secret
  /**
   * The longest value to write (bytes): a write of more fails. Browsers send all cookies with every request, and many servers refuse
   * requests with more than 8 or 16 KB of headers. @defaultValue `12_288`
   */
  readonly maxBytes?: number
}

/** The options, checked, with what they leave out. */
export interface CookieSettings {
  /** With its prefix. */
  readonly name: string
  readonly maxAgeMs: number
  readonly maxBytes: number
  readonly attributes: Omit<CookieAttributes, 'expires'>
}

const day = 86_400_000
const token = /^[\w!#$%&'*+.^`|-]{1,100}$/
const attributeText = /^[\x21-\x3a\x3c-\x7e]+$/
const sameSites: readonly unknown[] = ['lax', 'strict', 'none']

/** @throws ConfigurationError `AUTH_CONFIGURATION` names the option and the fix */
export function cookieSettings(options: CookieStorageOptions): CookieSettings {
  const inPage = options.jar === undefined
  const { name = 'tokenflight', maxAgeMs = 30 * day, maxBytes = 12_288, path = '/', domain, sameSite = 'lax' } = options
  const { secure = !inPage || globalThis.location?.protocol === 'https:', httpOnly = !inPage } = options

  check(token.test(name), "name: takes 1 to 100 letters, digits and `-_.!#$%&'*+^|`")
  check(!/^__(host|secure)-/i.test(name), 'name: leave the prefix out; it is put there where the attributes allow it')
  check(maxAgeMs >= 1000 && maxAgeMs <= 400 * day, 'maxAgeMs: takes 1 000 (a second) to 34 560 000 000 (400 days) ms')
  check(Number.isInteger(maxBytes) && maxBytes > 0 && maxBytes <= 131_072, 'maxBytes: takes 1 to 131 072 bytes')
  check(path.startsWith('/') && attributeText.test(path), 'path: begins with `/` and has no `;`')
  check(domain === undefined || attributeText.test(domain), 'domain: takes a host name')
  check(sameSites.includes(sameSite), "sameSite: takes 'lax', 'strict' or 'none'")
  check(secure || sameSite !== 'none', "secure: is needed with sameSite: 'none', or browsers refuse the cookie")
  check(
    !(inPage && httpOnly),
    'httpOnly: no script of a page can write such a cookie. Write it on the server, with `jar`',
  )
  check(!(inPage && options.secret !== undefined), 'secret: in a page it is none. Seal on the server, with `jar`')

  const attributes = { path, httpOnly, secure, sameSite, ...(domain !== undefined && { domain }) }
  const prefix = secure && path === '/' && domain === undefined ? '__Host-' : ''
  return { name: prefix + name, maxAgeMs, maxBytes, attributes }
}

function check(holds: boolean, problem: string): void {
  if (!holds) throw new ConfigurationError(`cookieStorage: ${problem}.`)
}
