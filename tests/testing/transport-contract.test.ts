import type { AuthClient, Authorization, RequestFacts, ResponseFacts } from 'tokenflight'
import { type TransportRequest, type TransportResponse, transportContract } from 'tokenflight/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

/** A transport of one's own, as docs/writing-a-transport.md has it, over a client that reads each body whole. */
class OwnTransport {
  readonly auth: AuthClient
  constructor(auth: AuthClient) {
    this.auth = auth
  }
  async send(request: TransportRequest): Promise<TransportResponse> {
    const facts = this.factsOf(request)
    let authorization = await this.auth.authorize(facts)
    if (authorization === undefined) return this.sendOnce(request, [])
    for (;;) {
      const response = await this.sendOnce(request, authorization.headers)
      const next = await this.reauthorize(authorization, facts, response)
      if (next === undefined) return response
      authorization = next
    }
  }
  reauthorize(sent: Authorization, facts: RequestFacts, { status, headers, body, handedOut }: TransportResponse) {
    const response: ResponseFacts = {
      status,
      url: (handedOut as Response).url,
      header: (name) => headers.get(name),
      text: async () => body,
    }
    return this.auth.reauthorize(sent, facts, response)
  }
  factsOf({ url, method = 'GET', headers = {}, authenticate, signal }: TransportRequest): RequestFacts {
    const own = new Headers(headers)
    return { url, method, header: (name) => own.get(name), resendable: true, authenticate, signal }
  }
  async sendOnce({ url, ...init }: TransportRequest, added: Authorization['headers']): Promise<TransportResponse> {
    const headers = new Headers(init.headers)
    for (const [name, value] of added) headers.set(name, value)
    const redirect = added.some(([name]) => name !== 'authorization') ? 'error' : 'follow'
    const response = await fetch(url, { ...init, headers, redirect })
    return { status: response.status, headers: response.headers, body: await response.text(), handedOut: response }
  }
}

const suiteOf = (transport: typeof OwnTransport) =>
  transportContract('own', (auth) => new transport(auth), { lacks: ['stream'] })

describe('a transport of one’s own', () => {
  it.each(suiteOf(OwnTransport))('$name', ({ run }) => run())
})

/** The rules whose cases fail, among those named. */
async function broken(transport: typeof OwnTransport, rules: RegExp): Promise<string[]> {
  const failed = await Promise.all(
    suiteOf(transport)
      .filter(({ name }) => rules.test(name))
      .map(({ name, run }) =>
        run().then(
          () => [],
          () => [name.slice(0, 2)],
        ),
      ),
  )
  return [...new Set(failed.flat())].sort()
}

const turn = (): Promise<false> => new Promise((resolve) => setImmediate(resolve, false))

describe('the contract finds a transport that', () => {
  it('attaches no token', async () => {
    class Broken extends OwnTransport {
      override sendOnce(request: TransportRequest) {
        return super.sendOnce(request, [])
      }
    }
    expect(await broken(Broken, /^(A1|A4)/)).toEqual(['A1', 'A4'])
  })

  it('does not say what the request said', async () => {
    class Broken extends OwnTransport {
      override factsOf(request: TransportRequest) {
        return { ...super.factsOf(request), authenticate: undefined, header: () => undefined }
      }
    }
    expect(await broken(Broken, /^(A3|A4)/)).toEqual(['A3', 'A4'])
  })

  it('takes its header along to another origin, and does not say where it was redirected', async () => {
    class Broken extends OwnTransport {
      override async sendOnce(request: TransportRequest, added: Authorization['headers']) {
        const first = await fetch(request.url, {
          headers: { ...request.headers, ...Object.fromEntries(added) },
          redirect: 'manual',
        })
        const to = first.headers.get('location')
        if (to === null) return super.sendOnce(request, added)
        const url = new URL(to, request.url).href
        const response = await super.sendOnce({ ...request, url }, added)
        return { ...response, handedOut: { url: request.url } }
      }
    }
    expect(await broken(Broken, /^A5/)).toEqual(['A5'])
  })

  it('sends again without the body', async () => {
    class Broken extends OwnTransport {
      #sent = new WeakSet<TransportRequest>()
      override sendOnce(request: TransportRequest, added: Authorization['headers']) {
        const { body: _, ...rest } = request
        const again = this.#sent.has(request)
        this.#sent.add(request)
        return super.sendOnce(again ? rest : request, added)
      }
    }
    expect(await broken(Broken, /^B1/)).toEqual(['B1'])
  })

  it('hides its signal', async () => {
    class Broken extends OwnTransport {
      override factsOf(request: TransportRequest) {
        return { ...super.factsOf(request), signal: undefined }
      }
    }
    expect(await broken(Broken, /^Q2: own: who is canceled already/)).toEqual(['Q2'])
  })

  it('hides it from those who wait, and says that it is they who should reject', async () => {
    class Broken extends OwnTransport {
      override factsOf(request: TransportRequest) {
        return { ...super.factsOf(request), signal: undefined }
      }
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const cases = suiteOf(Broken).filter(({ name }) => name.startsWith('Q2: own: who is canceled while waiting'))
    expect(cases).toHaveLength(2)
    for (const { run } of cases) {
      const failure = run().then(
        () => 'none',
        ({ message }: Error) => message,
      )
      const over = failure.then(() => true)
      while (!(await Promise.race([over, turn()]))) vi.advanceTimersByTime(10)
      expect(await failure).toBe('it rejects at once (waited 4000 ms)')
    }
  })

  it('asks once, and not about the answer to a resend', async () => {
    class Broken extends OwnTransport {
      readonly #asked = new WeakSet<RequestFacts>()
      override async reauthorize(sent: Authorization, facts: RequestFacts, response: TransportResponse) {
        if (this.#asked.has(facts)) return undefined
        this.#asked.add(facts)
        return super.reauthorize(sent, facts, response)
      }
    }
    expect(await broken(Broken, /^R4/)).toEqual(['R4'])
  })

  it('takes the end of a long body away when it is looked at', async () => {
    class Broken extends OwnTransport {
      override async sendOnce(request: TransportRequest, added: Authorization['headers']) {
        const { body, ...response } = await super.sendOnce(request, added)
        return { ...response, body: body.slice(0, 65_536) }
      }
    }
    expect(await broken(Broken, /^R1: own: isTokenRefused may/)).toEqual(['R1'])
  })

  it('never asks again', async () => {
    class Broken extends OwnTransport {
      override async reauthorize() {
        return undefined
      }
    }
    expect(await broken(Broken, /^(R2|R3|R4|F5)/)).toEqual(['F5', 'R2', 'R3', 'R4'])
  })

  it('refreshes on its own', async () => {
    class Broken extends OwnTransport {
      override async reauthorize(sent: Authorization, _: RequestFacts, { status }: TransportResponse) {
        if (status !== 401) return undefined
        const accessToken = await this.auth.getAccessToken({ forceRefresh: true })
        return { ...sent, headers: [['authorization', `Bearer ${accessToken}`]] } as Authorization
      }
    }
    expect(await broken(Broken, /^(R1: own: a 401|R2)/)).toEqual(['R1', 'R2'])
  })

  it('shows its token in what it rejects with', async () => {
    class Broken extends OwnTransport {
      override async sendOnce(request: TransportRequest, added: Authorization['headers']) {
        const response = await super.sendOnce(request, added)
        return { ...response, handedOut: { config: { headers: Object.fromEntries(added) } } }
      }
    }
    expect(await broken(Broken, /^X1: own: a 401/)).toEqual(['X1'])
    const [shown] = suiteOf(Broken).filter(({ name }) => name.startsWith('X1: own: a 401'))
    await expect(shown?.run()).rejects.toMatchObject({ actual: 'config.headers.authorization' })
  })
})
