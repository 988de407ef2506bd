import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import type { Authorization, Authorizer } from '../../core/authorizer'
import { isPromise, type MaybePromise } from '../../core/maybe-promise'
import { formBytes } from './form-bytes'
import { Patience } from './patience'
import { AxiosRequestFacts } from './request-facts'
import { AxiosResponseFacts } from './response-facts'
import { type Outcome, sendOnce } from './send-once'

/**
 * Sends a request with the session's token, and again as long as the authorizer says so. The adapter gets the transformed data each
 * time, so nothing is encoded twice (B1). No async functions: what one keeps while the request is out, thousands would keep.
 * @throws AxiosError, with our `code` where the request was not sent
 */
export function exchange(
  auth: Authorizer,
  send: AxiosAdapter,
  config: InternalAxiosRequestConfig,
): Promise<AxiosResponse> {
  const patience = new Patience(config, send)
  const form = formBytes(config.data)
  const request = new AxiosRequestFacts(config, form !== undefined)
  const { adapter } = config

  function start(authorization: Authorization, timeoutMs: number | undefined): Promise<AxiosResponse> {
    const { headers, resend } = authorization
    const { url } = request
    return sendOnce({ config, adapter, send, headers, url, timeoutMs, form: resend ? form : undefined }).then(
      (outcome) => answered(authorization, outcome),
    )
  }

  function answered(sent: Authorization, { answer, failure }: Outcome): MaybePromise<AxiosResponse> {
    if (answer === undefined) throw failure()
    const response = new AxiosResponseFacts(answer)
    const next = patience.ask(() => auth.reauthorize(sent, request, response))
    if (!next) return own(answer, failure)
    const continued = (it: Authorization | undefined): MaybePromise<AxiosResponse> => {
      if (!it) return own(answer, failure)
      response.discard()
      return start(it, patience.leftMs)
    }
    return isPromise(next) ? next.then(continued) : continued(next)
  }

  try {
    const asked = patience.ask(() => auth.authorize(request))
    // the first sending has all the time there is, unless it had to wait
    if (isPromise(asked)) return asked.then((it) => (it ? start(it, patience.leftMs) : send(config)))
    return asked ? start(asked, undefined) : send(config)
  } catch (error) {
    return Promise.reject(error)
  }
}

/** What it would have come to without us. */
function own(answer: AxiosResponse, failure: Outcome['failure']): AxiosResponse {
  if (failure) throw failure()
  return answer
}
