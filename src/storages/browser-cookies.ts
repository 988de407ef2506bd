import { parseCookie, stringifySetCookie } from 'cookie'
import { StorageError } from '../errors/storage-error'
import type { CookieJar } from './cookie-jar'

/** The cookies of this page: by the Cookie Store API where there is one, else by `document.cookie`; `undefined` where there is no page. */
export function browserCookies(): CookieJar | undefined {
  const { cookieStore, document } = globalThis
  if (cookieStore !== undefined) return verifying(storeCookies(cookieStore))
  return document === undefined ? undefined : verifying(documentCookies(document))
}

function storeCookies(store: CookieStore): CookieJar {
  return {
    get: async (name) => (await store.get(name))?.value,
    set: (name, value, { path, domain, sameSite, expires }) =>
      store.set({ name, value, path, domain: domain ?? null, sameSite, expires: expires.getTime() }),
  }
}

const documentCookies = (page: Document): CookieJar => ({
  get: (name) => parseCookie(page.cookie)[name],
  set(name, value, attributes) {
    page.cookie = stringifySetCookie({ ...attributes, name, value })
  },
})

/** A browser that refuses a cookie says nothing, so what was set is read again. */
const verifying = (jar: CookieJar): CookieJar => ({
  get: jar.get,
  async set(name, value, attributes) {
    await jar.set(name, value, attributes)
    if (((await jar.get(name)) ?? '') === value) return
    throw new StorageError(
      'cookieStorage: the browser did not keep the cookie. Cookies are blocked here, or `domain` or `path` is not that of this page.',
    )
  },
})

/**
 * Calls back when the cookie has changed, by whomever, and when the page comes back from the back/forward cache.
 * `undefined` where the browser cannot tell.
 */
export function watchCookie(name: string): ((onChange: () => void) => () => void) | undefined {
  const { cookieStore } = globalThis
  if (cookieStore === undefined || !('onchange' in cookieStore)) return undefined
  return (onChange) => {
    const onCookie = ({ changed, deleted }: CookieChangeEvent): void => {
      if ([...changed, ...deleted].some((cookie) => cookie.name === name)) onChange()
    }
    const onReturn = ({ persisted }: PageTransitionEvent): void => {
      if (persisted) onChange()
    }
    cookieStore.addEventListener('change', onCookie)
    addEventListener('pageshow', onReturn)
    return () => {
      cookieStore.removeEventListener('change', onCookie)
      removeEventListener('pageshow', onReturn)
    }
  }
}
