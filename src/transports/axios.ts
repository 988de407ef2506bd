import axios, {
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import type { Authenticate, Authorizer } from '../core/authorizer'
import { ConfigurationError } from '../errors/configuration-error'
import { betweenCopies, isForeign } from './axios/between-copies'
import { exchange } from './axios/exchange'
import { completeBaseUrl } from './axios/request-url'
import { isBrought, resolveAdapter } from './axios/resolve-adapter'
import { checkSession } from './check-session'

declare module 'axios' {
  // without type parameters: axios has one before 1.19, two since, and all have defaults
  interface AxiosRequestConfig {
    /**
     * `false`: sent untouched · `'required'`: rejects with `AUTH_UNAUTHENTICATED` before it is sent when nobody is signed in ·
     * `true`: overrules the client's `authenticate` option.
     */
    authenticate?: Authenticate
  }
}

/** What `axiosWithAuth` needs of an `AuthClient`. */
export interface AxiosSession extends Authorizer {
  /** Where an instance without a `baseURL` sends relative URLs. */
  readonly baseUrl?: string | undefined
}

/**
 * Lets an axios instance borrow the session: its requests carry the access token, wait for a refresh where one is needed, and are
 * sent once more when their token was refused. Everything else about the instance stays as it is; interceptors and transforms run
 * once a request. A request that was not sent rejects with an `AxiosError` that has our `code` and our error as `cause`.
 *
 * Changes and returns the instance it is given; the same session again changes nothing.
 * @param instance @defaultValue `axios.create()`
 * @throws ConfigurationError `AUTH_CONFIGURATION` for the global axios, an instance that has another session, and what is no session
 */
export function axiosWithAuth(auth: AxiosSession): AxiosInstance
export function axiosWithAuth<Instance extends AxiosInstance>(auth: AxiosSession, instance: Instance): Instance
export function axiosWithAuth(auth: AxiosSession, instance: BorrowingInstance = axios.create()): AxiosInstance {
  checkSession(auth)
  if (instance[borrowed] === auth) return instance
  if (instance[borrowed] !== undefined) throw new ConfigurationError(otherSession)
  if ('AxiosError' in instance) throw new ConfigurationError(globalInstance)
  Object.defineProperty(instance, borrowed, { value: auth })
  instance.interceptors.request.use((config) => lendSession(auth, config), null, { synchronous: true })
  return instance
}

const borrowed = Symbol.for('tokenflight.axios')

const otherSession =
  'axiosWithAuth: this axios instance already has another session. Give each an instance of its own: axios.create()'
const globalInstance =
  'axiosWithAuth: the global axios is shared by every package of your app. Give it an instance: axios.create()'

interface BorrowingInstance extends AxiosInstance {
  readonly [borrowed]?: AxiosSession
}

interface LentAdapter extends AxiosAdapter {
  lent?: true
}

/**
 * The adapter is where axios meets the network: after every interceptor and transform, before `transformResponse`. It is wrapped
 * for each request anew, so an adapter that the request brings along, or that was set later, counts.
 */
function lendSession(auth: AxiosSession, config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const own = config.adapter
  // sent again from the config of an error that came before the adapter
  if (isLent(own)) return config
  const adapter: LentAdapter = (final) => {
    // as the caller knows it
    if (own === undefined) delete final.adapter
    else final.adapter = own
    completeBaseUrl(final, auth.baseUrl)
    const send = resolveAdapter(own || axios.defaults.adapter, final)
    return isForeign(final) && !isBrought(own, send)
      ? betweenCopies(final, (it) => transfer(auth, send, it))
      : transfer(auth, send, final)
  }
  adapter.lent = true
  config.adapter = adapter
  return config
}

const transfer = (
  auth: AxiosSession,
  send: AxiosAdapter,
  config: InternalAxiosRequestConfig,
): Promise<AxiosResponse> => (config.authenticate === false ? send(config) : exchange(auth, send, config))

const isLent = (adapter: unknown): boolean => typeof adapter === 'function' && 'lent' in adapter
