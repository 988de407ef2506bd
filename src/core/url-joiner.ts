import type { ResolveUrl } from './resolve-url'

const withScheme = /^\s*[a-z][a-z\d+.-]*:/i
/** To the `fetch` of a page with the same scheme it is a path of the page, to everybody else a host (WHATWG URL §4.4). */
const withoutSlashes = /^\s*https?:(?![\\/]{2})/i

/**
 * A9. Makes URLs absolute: an absolute one as it is, but `https:host` as `https://host/`; `//host` with the protocol of `baseUrl`; a relative one
 * appended to `baseUrl` with its path, as axios and ky join, so `/users` on `https://a/v1` is `https://a/v1/users`. Query and fragment of
 * `baseUrl` are left out. `undefined` for one that needs a base where there is none.
 */
export function urlJoiner(baseUrl: URL | undefined): ResolveUrl {
  const base = baseUrl?.href.replace(/[?#].*$/, '')
  const folder = base?.replace(/\/*$/, '/')
  return (url) => {
    if (url.startsWith('https://')) return url
    if (withScheme.test(url)) return withoutSlashes.test(url) && URL.canParse(url) ? new URL(url).href : url
    if (baseUrl === undefined) return undefined
    if (url.startsWith('//')) return baseUrl.protocol + url
    if (url === '') return base
    return folder + (url.startsWith('/') ? url.slice(1) : url)
  }
}
