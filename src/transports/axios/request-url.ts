import axios, { type InternalAxiosRequestConfig } from 'axios'

/** axios's own rule: what has a scheme and a host, or a host alone. */
const absolute = /^([a-z][a-z\d+\-.]*:)?\/\//i

const isAbsolute = (url: string): boolean => !startsPath(url) && absolute.test(url)

/** Most URLs do, and then no expression need be run. */
const startsPath = (url: string): boolean => url.startsWith('/') && url[1] !== '/'

const http = /^https?:\/\//i

/** What is whole without a base, whatever axios would make of it with one. A URL parser leaves out white space in front. */
const complete = /^\s*(([a-z][a-z\d+\-.]*:)?\/\/|data:|blob:)/i

/** A9: where neither the instance nor the request says more, a relative URL goes to the client's base. */
export function completeBaseUrl(config: InternalAxiosRequestConfig, baseUrl: string | undefined): void {
  if (config.baseURL || baseUrl === undefined) return
  const url = urlOf(config)
  if (startsPath(url) || !complete.test(url)) config.baseURL = baseUrl
}

/** Where axios will send it, without `params`: absolute wherever it can be sent at all. `getUri` would take 9 µs. */
export function requestUrl(config: InternalAxiosRequestConfig): string {
  const url = joined(config)
  return typeof location === 'undefined' || http.test(url) ? url : new URL(url, location.href).href
}

/** axios takes a `URL` as well, here and as `baseURL`, whatever its types say. */
const urlOf = ({ url }: InternalAxiosRequestConfig): string => String(url ?? '')

function joined(config: InternalAxiosRequestConfig): string {
  const { allowAbsoluteUrls } = config
  const url = urlOf(config)
  const baseURL = String(config.baseURL ?? '')
  if (!baseURL) return url
  // what becomes of this one depends on the version
  if (isAbsolute(url)) return allowAbsoluteUrls === false ? axios.getUri({ baseURL, url, allowAbsoluteUrls }) : url
  return url ? `${withoutTrailingSlashes(baseURL)}/${withoutLeadingSlashes(url)}` : baseURL
}

const withoutTrailingSlashes = (base: string): string => (base.endsWith('/') ? base.replace(/\/+$/, '') : base)
const withoutLeadingSlashes = (path: string): string => (path.startsWith('/') ? path.replace(/^\/+/, '') : path)
