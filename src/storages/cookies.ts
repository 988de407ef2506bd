import type { TokenSet } from '../core/token-set'
import type { TokenStorage } from '../core/token-storage'
import { ConfigurationError } from '../errors/configuration-error'
import { type Broadcast, broadcast } from '../sharing/broadcast'
import { localLock } from '../sharing/local-lock'
import { webLock } from '../sharing/web-lock'
import { fromBase64Url, toBase64Url } from './base64url'
import { browserCookies, watchCookie } from './browser-cookies'
import { chunkedCookie } from './chunked-cookie'
import type { CookieJar } from './cookie-jar'
import { type CookieStorageOptions, cookieSettings } from './cookie-options'
import { decode, encode, holds } from './envelope'
import { type Sealing, sealingBy } from './sealing'

export type { CookieAttributes, CookieJar } from './cookie-jar'
export type { CookieStorageOptions } from './cookie-options'
export { type RequestCookies, requestCookies } from './request-cookies'
export type { Secret } from './sealing'

/** A write takes milliseconds. A tab that is frozen in the middle of one delays nobody for longer. */
const patienceMs = 1_000

/**
 * Keeps the session in a cookie, in as many as it needs.
 *
 * On a server: in those of one request, over its `jar`. They are written `HttpOnly; Secure; SameSite=Lax; Path=/`, and sealed with
 * `secret`. A cookie that was changed, or is not ours, reads as signed out.
 *
 * In a browser, without `jar`: in those of this page, by the Cookie Store API where there is one, else by `document.cookie`. Tabs share
 * the session, its lock (a Web Lock) and its changes. Every script of the page can read it, so it is no place for a refresh token.
 * On a server without `jar` it reads as signed out, and a write fails.
 * @throws ConfigurationError `AUTH_CONFIGURATION` names the option and the fix
 */
export function cookieStorage(options: CookieStorageOptions = {}): TokenStorage {
  const { name, maxAgeMs, maxBytes, attributes } = cookieSettings(options)
  const { jar } = options
  const page = jar ? undefined : browserCookies()
  const cookie = chunkedCookie({ jar: page ?? (jar ? remembering(jar) : noCookies), name, maxBytes, attributes })
  const seal = sealingBy(options, { purpose: `cookie ${name}`, maxAgeMs }, unsealed)
  const shared = `tokenflight:${name}`
  const writing = page ? webLock(`${shared}:write`) : localLock()
  const channel = broadcast(shared)
  const watch = watchCookie(name)

  async function text(): Promise<string | undefined> {
    const value = await cookie.read()
    return value === undefined ? undefined : seal.unseal(value)
  }
  async function put(tokens: TokenSet | undefined): Promise<void> {
    if (tokens === undefined) await cookie.clear()
    else await cookie.write(await seal.seal(encode(tokens)), new Date(Date.now() + maxAgeMs))
    if (page && !watch) channel.notify()
  }
  async function exclusively<T>(task: () => Promise<T>): Promise<T> {
    const held = await writing(AbortSignal.timeout(patienceMs)).catch(() => undefined)
    try {
      return await task()
    } finally {
      await held?.release()
    }
  }

  return {
    read: async () => decode(await text()),
    async write(tokens) {
      // A sign-out takes place at once, since the page may be going away, and again when no other tab is in a write that undoes it.
      const atOnce = page && tokens === undefined ? put(tokens) : undefined
      await Promise.all([atOnce, exclusively(() => put(tokens))])
    },
    replace: (expected, next) =>
      exclusively(async () => {
        if (!holds(await text(), expected)) return false
        await put(next)
        return true
      }),
    ...(page && { lock: webLock(shared), subscribe: watch ?? subscribeTo(channel) }),
  }
}

const subscribeTo =
  (channel: Broadcast) =>
  (onChange: () => void): (() => void) => {
    const listening = new AbortController()
    channel.subscribe(onChange, listening.signal)
    return () => listening.abort()
  }

const unsealed: Sealing = {
  seal: async (text) => toBase64Url(text),
  unseal: async (value) => fromBase64Url(value),
}

/** Most frameworks go on giving what came with the request. */
function remembering(jar: CookieJar): CookieJar {
  const written = new Map<string, string>()
  return {
    async get(name) {
      const found = await jar.get(name)
      return written.get(name) ?? found
    },
    async set(name, value, attributes) {
      await jar.set(name, value, attributes)
      written.set(name, value)
    },
  }
}

const noCookies: CookieJar = {
  get: () => undefined,
  set(_, value) {
    if (value === '') return
    throw new ConfigurationError(
      'cookieStorage: there is no page here. Give it the `jar` of the request (docs/cookies.md).',
    )
  },
}
