import { ownFields } from '../../core/own-fields'
import { parseRetryAfter } from '../../core/retry-after'
import { createPlainFetch } from '../../session/plain-fetch'

/** What an endpoint of next-auth answered. */
export interface NextAuthAnswer {
  readonly status: number
  /** Its JSON; `undefined` where it is none, for example an intermediary's HTML page. */
  readonly body: unknown
  /** When it was asked, by this clock (epoch ms). */
  readonly sentAt: number
  /** When it answered, by the server's clock (epoch ms). */
  readonly serverTime: number | undefined
  readonly retryAfterMs: number | undefined
}

/** The endpoints of next-auth, v4 and v5. Each call rejects with what `fetch` throws where there is no answer. */
export interface NextAuthApi {
  session(): Promise<NextAuthAnswer>
  /** What `useSession().update(data)` sends: the server's `jwt` callback sees it with the trigger `update`. */
  update(data: unknown): Promise<NextAuthAnswer>
  signOut(): Promise<NextAuthAnswer>
}

/** Who waits for an answer asks anew after this (ms): a request that hangs must not be the last. */
const readTimeoutMs = 10_000
/** Cut off, an answer is lost with the cookie it sets: only after a time in which none comes any more (ms). */
const writeTimeoutMs = 60_000

export function createNextAuthApi(basePath: string): NextAuthApi {
  const fetch = createPlainFetch(
    () => globalThis.fetch,
    (path) => new URL(basePath + path, globalThis.location.origin).href,
  )
  let csrfToken: string | undefined

  async function ask(path: string, init?: RequestInit): Promise<NextAuthAnswer> {
    const sentAt = Date.now()
    // without no-store Chromium sends equal requests one after the other
    const signal = AbortSignal.timeout(init ? writeTimeoutMs : readTimeoutMs)
    const response = await fetch(path, { cache: 'no-store', credentials: 'same-origin', signal, ...init })
    const text = await response.text()
    return {
      status: response.status,
      body: parseJson(text),
      sentAt,
      serverTime: finite(Date.parse(response.headers.get('date') ?? '')),
      retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), sentAt),
    }
  }

  /** Never beside another request: on first contact their answers overwrite each other's cookie. */
  async function askForCsrfToken(): Promise<NextAuthAnswer | string> {
    const answer = await ask('/csrf')
    const found = answer.status === 200 ? ownFields(answer.body)?.get('csrfToken') : undefined
    return typeof found === 'string' ? found : { ...answer, body: undefined }
  }

  /** A csrf token that is refused is fetched anew, once. */
  async function post(
    path: string,
    body: object,
    isCsrfRefused: (answer: NextAuthAnswer) => boolean,
  ): Promise<NextAuthAnswer> {
    const answer = await postOnce(path, body)
    if (!isCsrfRefused(answer)) return answer
    csrfToken = undefined
    const second = await postOnce(path, body)
    return isCsrfRefused(second) ? { ...second, body: undefined } : second
  }

  async function postOnce(path: string, body: object): Promise<NextAuthAnswer> {
    const token = csrfToken ?? (await askForCsrfToken())
    if (typeof token !== 'string') return token
    csrfToken = token
    return ask(path, {
      method: 'POST',
      // what the answer sets has to reach the cookies also when the page is left now
      keepalive: true,
      headers: { 'content-type': 'application/json', 'x-auth-return-redirect': '1' },
      body: JSON.stringify({ ...body, csrfToken: token }),
    })
  }

  return {
    session: () => ask('/session'),
    update: (data) => post('/session', { data }, ({ status }) => status === 400),
    signOut: () => post('/signout', { callbackUrl: globalThis.location.origin, json: 'true' }, wasSentBack),
  }
}

/** A sign-out whose csrf token was refused is answered like one that worked, with another URL: v4's `?csrf=true`, v5's `?error=MissingCSRF`. */
function wasSentBack({ body }: NextAuthAnswer): boolean {
  const url = ownFields(body)?.get('url')
  if (typeof url !== 'string' || !URL.canParse(url)) return false
  const { searchParams } = new URL(url)
  return searchParams.get('csrf') === 'true' || searchParams.get('error') === 'MissingCSRF'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const finite = (number: number): number | undefined => (Number.isFinite(number) ? number : undefined)
