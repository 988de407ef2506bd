import axios, { type AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { lendToken, type Sending, takeTokenBack } from './lend-token'
import { PutOffRefusal } from './put-off-refusal'

/** What came of one sending. axios rejects with some of its responses: then there is a failure beside the answer. */
export type Outcome =
  | { readonly answer: AxiosResponse; readonly failure: (() => unknown) | undefined }
  | { readonly answer: undefined; readonly failure: () => unknown }

/** Sends with the token, which nobody finds in what comes back (X1). */
export function sendOnce(sending: Sending): Promise<Outcome> {
  const { config } = sending
  const own = lendToken(sending)
  const refusal = PutOffRefusal.of(sending)
  const takeBack = (from: InternalAxiosRequestConfig | undefined = config): void => {
    // adapters answer with the config, with a copy of it (which may be frozen), or with that of another request
    if (from !== config && (from?.beforeRedirect !== own.lent || !Object.isExtensible(from))) return
    takeTokenBack(from, sending, own)
    refusal?.takeBack(from)
  }
  return sent(sending).then(
    (answer) => {
      takeBack()
      if (answer.config !== config) takeBack(answer.config)
      hideToken(answer.request, sending)
      // then axios rejects with it where its JSON is broken
      if (config.transitional?.silentJSONParsing === false) conceal(answer)
      const refused = refusal?.errorOf(answer)
      return { answer, failure: refused && (() => concealIn(refused())) }
    },
    (failure: unknown) => {
      takeBack()
      if (!axios.isAxiosError(failure)) return { answer: undefined, failure: () => failure }
      takeBack(failure.config)
      takeBack(failure.response?.config)
      cleanse(failure, sending)
      return { answer: failure.response, failure: () => failure }
    },
  )
}

/** An adapter of somebody's own may throw, or answer with a promise of its own. */
function sent({ config, send }: Sending): Promise<AxiosResponse> {
  try {
    return Promise.resolve(send(config))
  } catch (error) {
    return Promise.reject(error)
  }
}

function cleanse(failure: AxiosError, sending: Sending): void {
  const { config, timeoutMs } = sending
  // what the request waited counts, so the message speaks of the whole
  if (timeoutMs !== undefined && failure.message.startsWith('timeout ')) {
    failure.message = failure.message.replace(String(timeoutMs), String(config.timeout))
  }
  hideToken(failure.request, sending)
  concealIn(failure)
}

function concealIn(failure: AxiosError): AxiosError {
  const { config, response } = failure
  for (const carrier of [failure, response, config?.httpAgent, config?.httpsAgent]) conceal(carrier)
  for (const data of [response?.data, config?.data]) if (isObject(data) && 'pipe' in data) conceal(data)
  return failure
}

/** The `fetch` adapter answers with the `Request` that it sent. */
function hideToken(request: unknown, { headers }: Sending): void {
  if (isRequest(request)) for (const [name] of headers) request.headers.delete(name)
}

/** A `Request` of whichever make: axios takes another one in `env`. */
const isRequest = (value: unknown): value is Pick<Request, 'headers'> =>
  isObject(value) &&
  'headers' in value &&
  isObject(value.headers) &&
  'delete' in value.headers &&
  typeof value.headers.delete === 'function'

/**
 * A request of Node.js keeps its headers and shows them to whoever inspects it: out of sight of logs, still within reach. A response of
 * Node.js leads to it, a stream that was sent with it, and an agent to all that are under way.
 */
function conceal(carrier: unknown): void {
  if (!isObject(carrier)) return
  for (const name of leadingToRequests) {
    // not `defineProperty`, which throws for what is frozen
    if (Object.hasOwn(carrier, name)) Reflect.defineProperty(carrier, name, { enumerable: false })
  }
}

const leadingToRequests = ['request', 'req', 'socket', 'client', '_readableState', 'sockets', 'freeSockets', 'requests']

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
