/**
 * A response that is no success, for `fetch`, which has no error for it. Not an error of the session: as with axios and ky the request
 * was sent and answered. `isUnauthenticated` knows a 401 of it.
 *
 * The message has the status and the path, never a query or a body. `response` is not enumerable, so that no logger prints it.
 */
export class ResponseError extends Error {
  override readonly name = 'ResponseError'
  readonly status: number
  /** Of a status that is not 2xx the body can still be read, once: `await error.response.json()`. */
  declare readonly response: Response

  /** @param problem what is wrong with it. @defaultValue its status */
  constructor(response: Response, problem = `The server answered ${response.status}`) {
    super(`${problem}${pathOf(response)}.`)
    this.status = response.status
    Object.defineProperty(this, 'response', { value: response })
  }
}

function pathOf({ url }: Response): string {
  return URL.canParse(url) ? ` (${new URL(url).pathname})` : ''
}
