import { type AxiosAdapter, AxiosError, CanceledError, type InternalAxiosRequestConfig } from 'axios'
import { longestTimerMs } from '../../core/longest-timer-ms'
import { isPromise, type MaybePromise } from '../../core/maybe-promise'
import { neverSent } from './never-sent'
import { isFetchAdapter } from './resolve-adapter'

/** How long one request waits: its `signal`, `cancelToken` and `timeout` all end a wait, as axios would end it (Q2). */
export class Patience {
  readonly #config: InternalAxiosRequestConfig
  readonly #send: AxiosAdapter
  readonly #timeoutMs: number
  readonly #startedAt: number

  constructor(config: InternalAxiosRequestConfig, send: AxiosAdapter) {
    this.#config = config
    this.#send = send
    this.#timeoutMs = Number(config.timeout) || 0
    this.#startedAt = this.#timeoutMs > 0 ? performance.now() : 0
  }

  /** What is left of `timeout` (ms), which counts the waits; `undefined` where there is none. 0 would be none to axios. */
  get leftMs(): number | undefined {
    if (this.#timeoutMs <= 0) return undefined
    return Math.max(1, Math.ceil(this.#timeoutMs - (performance.now() - this.#startedAt)))
  }

  /**
   * The authorizer's answer, at once where it is there at once; `undefined` without asking when the request was canceled.
   * @throws AxiosError: as axios says it where patience ends, else as {@link neverSent} does
   */
  ask<T>(question: () => MaybePromise<T>): MaybePromise<T | undefined> {
    if (this.#cancellation() !== undefined) return undefined
    try {
      const answer = question()
      return isPromise(answer) ? this.#wait(answer) : answer
    } catch (error) {
      throw neverSent(error, this.#config)
    }
  }

  /** Q3: what can be ended is not a turn later than what cannot, so no `Promise.race` here. */
  #wait<T>(answer: Promise<T>): Promise<T> {
    const failure = (error: unknown): unknown => this.#cancellation() ?? neverSent(error, this.#config)
    const { signal, cancelToken } = this.#config
    if (!signal && !cancelToken && this.#timeoutMs <= 0) {
      return answer.catch((error) => {
        throw failure(error)
      })
    }
    return new Promise((resolve, reject) => {
      const stopListening = this.#onEnd(reject)
      void answer.then(resolve, (error) => reject(failure(error))).finally(stopListening)
    })
  }

  #onEnd(reject: (reason: unknown) => void): () => void {
    const { signal, cancelToken } = this.#config
    const { leftMs } = this
    const canceled = (): void => reject(this.#cancellation())
    const timedOut = (): void => reject(this.#timeoutError())
    const timer = leftMs === undefined ? undefined : setTimeout(timedOut, Math.min(leftMs, longestTimerMs))
    signal?.addEventListener?.('abort', canceled)
    cancelToken?.subscribe(canceled)
    return () => {
      clearTimeout(timer)
      signal?.removeEventListener?.('abort', canceled)
      cancelToken?.unsubscribe(canceled)
    }
  }

  #cancellation(): unknown {
    const { signal, cancelToken } = this.#config
    if (cancelToken?.reason !== undefined) return cancelToken.reason
    return signal?.aborted ? new CanceledError(undefined, this.#config) : undefined
  }

  #timeoutError(): AxiosError {
    const { timeoutErrorMessage, transitional } = this.#config
    const message = timeoutErrorMessage || `timeout of ${this.#timeoutMs}ms exceeded`
    const isClear = transitional?.clarifyTimeoutError || isFetchAdapter(this.#send, this.#config)
    return new AxiosError(message, isClear ? 'ETIMEDOUT' : 'ECONNABORTED', this.#config)
  }
}
