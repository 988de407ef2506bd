import axios, { type AxiosError, type AxiosResponse } from 'axios'
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
  const takeBack = (): void => {
    takeTokenBack(sending, own)
    refusal?.takeBack()
  }
  return sent(sending).then(
    (answer) => {
      takeBack()
      hideToken(answer.request, sending)
      // then axios rejects with it where its JSON is broken
      if (config.transitional?.silentJSONParsing === false) conceal(answer)
      const refused = refusal?.errorOf(answer)
      return { answer, failure: refused && (() => concealIn(refused())) }
    },
    (failure: unknown) => {
      takeBack()
      return { answer: answerIn(failure, sending), failure: () => failure }
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

function answerIn(failure: unknown, sending: Sending): AxiosResponse | undefined {
  if (!axios.isAxiosError(failure)) return undefined
  const { config, timeoutMs } = sending
  // what the request waited counts, so the message speaks of the whole
  if (timeoutMs !== undefined && failure.message.startsWith('timeout ')) {
    failure.message = failure.message.replace(String(timeoutMs), String(config.timeout))
  }
  hideToken(failure.request, sending)
  concealIn(failure)
  return failure.response
}

function concealIn(failure: AxiosError): AxiosError {
  conceal(failure)
  if (failure.response !== undefined) {
    conceal(failure.response)
    concealInStream(failure.response.data)
  }
  return failure
}

/** The `fetch` adapter answers with the `Request` that it sent. */
function hideToken(request: unknown, { headers }: Sending): void {
  if (isRequest(request)) for (const [name] of headers) request.headers.delete(name)
}

/** A `Request` of whichever make: axios takes another one in `env`. */
const isRequest = (value: unknown): value is Pick<Request, 'headers'> =>
  typeof value === 'object' &&
  value !== null &&
  'headers' in value &&
  typeof value.headers === 'object' &&
  value.headers !== null &&
  'delete' in value.headers &&
  typeof value.headers.delete === 'function'

/** A request of Node.js keeps its headers and shows them to whoever inspects it: out of sight of logs, still within reach. */
function conceal(carrier: object, names: readonly string[] = ['request']): void {
  for (const name of names) if (name in carrier) Object.defineProperty(carrier, name, { enumerable: false })
}

/** A response of Node.js, as `responseType: 'stream'` gives it, leads to its request too. */
function concealInStream(data: unknown): void {
  if (typeof data === 'object' && data !== null && 'pipe' in data && 'req' in data)
    conceal(data, ['req', 'socket', 'client'])
}
