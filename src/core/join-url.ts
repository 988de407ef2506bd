const withScheme = /^\s*[a-z][a-z\d+.-]*:/i

/**
 * A9. An absolute URL as it is; `//host` with the protocol of `baseUrl`; a relative one appended to `baseUrl` with its path, as axios and
 * ky join, so `/users` on `https://a/v1` is `https://a/v1/users`. Query and fragment of `baseUrl` are left out.
 * `undefined` for one that needs a base where there is none.
 */
export function joinUrl(url: string, baseUrl: URL | undefined): string | undefined {
  if (url.startsWith('https://') || withScheme.test(url)) return url
  if (baseUrl === undefined) return undefined
  if (url.startsWith('//')) return baseUrl.protocol + url
  const base = baseUrl.href.replace(/[?#].*$/, '')
  return url === '' ? base : `${base.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`
}
