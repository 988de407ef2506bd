import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import type { Authorization, Authorizer } from '../../core/authorizer'
import { isPromise } from '../../core/maybe-promise'
import { formBytes } from './form-bytes'
import { Patience } from './patience'
import { AxiosRequestFacts } from './request-facts'
import { AxiosResponseFacts } from './response-facts'
import { sendOnce } from './send-once'

/**
 * Sends a request with the session's token, and again as long as the authorizer says so. The adapter gets the transformed data each
 * time, so nothing is encoded twice (B1).
 * @throws AxiosError, with our `code` where the request was not sent
 */
export async function exchange(
  auth: Authorizer,
  send: AxiosAdapter,
  config: InternalAxiosRequestConfig,
): Promise<AxiosResponse> {
  const patience = new Patience(config, send)
  const form = formBytes(config.data)
  const request = new AxiosRequestFacts(config, form !== undefined)
  const asked = patience.ask(() => auth.authorize(request))
  let authorization = isPromise(asked) ? await asked : asked
  if (authorization === undefined) return send(config)
  // the first sending has all the time there is, unless it had to wait
  let timeoutMs = isPromise(asked) ? patience.leftMs : undefined
  for (;;) {
    const sent: Authorization = authorization
    const { answer, failure } = await sendOnce({
      ...{ config, send, headers: sent.headers, url: request.url, timeoutMs },
      form: sent.resend ? form : undefined,
    })
    if (answer === undefined) throw failure
    const response = new AxiosResponseFacts(answer)
    const next = patience.ask(() => auth.reauthorize(sent, request, response))
    authorization = isPromise(next) ? await next : next
    if (authorization === undefined) {
      if (failure !== undefined) throw failure
      return answer
    }
    response.discard()
    timeoutMs = patience.leftMs
  }
}
