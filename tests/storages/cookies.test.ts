import { parseSetCookie } from 'cookie'
import { CookieJar as Browser } from 'tough-cookie'
import { describe, expect, it, vi } from 'vitest'
import { type CookieJar, type CookieStorageOptions, cookieStorage, requestCookies } from '../../src/storages/cookies'
import { tokenStorageContract } from '../../src/testing/storage-contract'

const secret = 'a-secret-of-at-least-thirty-two-characters'
const site = 'https://app.example.com/'
const cookieName = '__Host-tokenflight'
const tokens = (n: number, idToken = '') => ({ accessToken: `access-${n}`, refreshToken: `refresh-${n}`, idToken })
const encoded = (text: string): string => Buffer.from(text).toString('base64url')

/** A server that keeps its session in cookies, and the browser of one user. */
function application(given: CookieStorageOptions = {}) {
  const browser = new Browser()
  return {
    browser,
    cookies: async () => Object.fromEntries((await browser.getCookies(site)).map(({ key, value }) => [key, value])),
    /** One request, with the storage of that request. */
    async request<T>(handle: (storage: ReturnType<typeof cookieStorage>) => T, options: CookieStorageOptions = {}) {
      const cookie = await browser.getCookieString(site)
      const jar = requestCookies(new Request(site, { headers: { cookie } }))
      const result = await handle(cookieStorage({ ...given, ...options, jar }))
      for (const header of jar.setCookieHeaders()) await browser.setCookie(header, site)
      return result
    },
  }
}

describe.each([
  ['cookieStorage, over a request', { maxBytes: 65_536 }],
  ['cookieStorage, sealed', { maxBytes: 65_536, secret }],
])('%s', (name, options) => {
  const contract = tokenStorageContract(
    name,
    () => {
      const cookies = requestCookies('theme=dark')
      let away = false
      const jar: CookieJar = {
        get: (cookie) => (away ? Promise.reject(new Error('away')) : cookies.get(cookie)),
        set: cookies.set,
      }
      return {
        storage: cookieStorage({ ...options, jar }),
        corrupt: (text) =>
          cookies.set(cookieName, encoded(text), {
            path: '/',
            httpOnly: true,
            secure: true,
            sameSite: 'lax',
            expires: new Date(),
          }),
        fail() {
          away = true
          return () => {
            away = false
          }
        },
      }
    },
    { lacks: ['lock', 'subscribe'] },
  )
  for (const { name: title, run } of contract) it(title, run)
})

describe('jars of frameworks', () => {
  const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'lax', expires: expect.any(Date) }

  it('takes Next’s and Astro’s, which give objects', async () => {
    const kept = new Map<string, string>()
    const jar: CookieJar = {
      get: (name) => (kept.has(name) ? { name, value: kept.get(name) ?? '' } : undefined),
      set: (name, value) => kept.set(name, value),
    }
    await cookieStorage({ jar }).write(tokens(1))
    expect(await cookieStorage({ jar }).read()).toEqual(tokens(1))
  })

  it('takes Express’s and Hono’s, which go on giving what came with the request', async () => {
    const set: unknown[] = []
    const storage = cookieStorage({ jar: { get: () => null, set: (...cookie) => set.push(cookie) } })
    await storage.write(tokens(1))
    expect(await storage.read()).toEqual(tokens(1))
    await storage.write(undefined)
    expect(await storage.read()).toBeUndefined()
    expect(set).toEqual([
      [cookieName, expect.any(String), attributes],
      [cookieName, '', { ...attributes, expires: new Date(0) }],
    ])
  })

  it('F4: what a jar does not take is not there', async () => {
    const jar: CookieJar = {
      get: () => undefined,
      set() {
        throw new Error('Cookies can only be modified in a Server Action or Route Handler')
      },
    }
    const storage = cookieStorage({ jar })
    await expect(storage.write(tokens(1))).rejects.toThrow('Server Action')
    expect(await storage.read()).toBeUndefined()
  })
})

describe('attributes', () => {
  it('X2: are HttpOnly; Secure; SameSite=Lax; Path=/ with the prefix __Host-, and nothing is left open', async () => {
    const jar = requestCookies(undefined)
    await cookieStorage({ jar, maxAgeMs: 3_600_000 }).write(tokens(1))
    const [header = '', ...others] = jar.setCookieHeaders()
    expect(others).toEqual([])
    const { value: _, expires, ...rest } = parseSetCookie(header)
    expect(rest).toEqual({ name: cookieName, path: '/', httpOnly: true, secure: true, sameSite: 'lax' })
    expect(expires?.getTime()).toBeGreaterThan(Date.now() + 3_590_000)
    expect(expires?.getTime()).toBeLessThan(Date.now() + 3_610_000)
  })

  it('X2: the prefix goes where the attributes do not allow it', async () => {
    const nameWith = async (options: CookieStorageOptions): Promise<string | undefined> => {
      const jar = requestCookies(undefined)
      await cookieStorage({ ...options, jar, name: 'session' }).write(tokens(1))
      return jar.setCookieHeaders()[0]?.split('=')[0]
    }
    expect(await nameWith({})).toBe('__Host-session')
    for (const options of [{ secure: false }, { path: '/app' }, { domain: 'example.com' }]) {
      expect(await nameWith(options)).toBe('session')
    }
  })

  it('X2: a cookie that was deleted is gone from the browser', async () => {
    const app = application()
    await app.request((storage) => storage.write(tokens(1)))
    expect(Object.keys(await app.cookies())).toEqual([cookieName])
    await app.request((storage) => storage.write(undefined))
    expect(await app.cookies()).toEqual({})
  })
})

describe('in a page', () => {
  const written = async (protocol: string, options?: CookieStorageOptions): Promise<object> => {
    const cookies: string[] = []
    vi.stubGlobal('location', { protocol })
    vi.stubGlobal('document', {
      get cookie() {
        return cookies.map((cookie) => cookie.split(';')[0]).join('; ')
      },
      set cookie(cookie: string) {
        cookies.push(cookie)
      },
    })
    await cookieStorage(options).write(tokens(1))
    const { value: _, expires: __, ...rest } = parseSetCookie(cookies[0] ?? '')
    return rest
  }

  it('X2: has every attribute but HttpOnly, on https also Secure and the prefix', async () => {
    expect(await written('https:')).toEqual({ name: cookieName, path: '/', sameSite: 'lax', secure: true })
    expect(await written('http:')).toEqual({ name: 'tokenflight', path: '/', sameSite: 'lax' })
    const given = { domain: 'example.com', path: '/app', sameSite: 'strict', secure: false, name: 'own' } as const
    const { secure: _, ...expected } = given
    expect(await written('https:', given)).toEqual(expected)
  })
})

describe('values above 4 KB', () => {
  const big = tokens(1, 'x'.repeat(7_000))

  it('are kept in chunks that browsers take, and come back', async () => {
    const app = application({ secret })
    await app.request((storage) => storage.write(big))
    const cookies = Object.entries(await app.cookies())
    expect(cookies.length).toBeGreaterThan(2)
    for (const [name, value] of cookies) expect(name.length + value.length).toBeLessThan(3_900)
    expect(await app.request((storage) => storage.read())).toEqual(big)
  })

  it('X3: from three chunks to one nothing is left over', async () => {
    const app = application()
    await app.request((storage) => storage.write(big))
    expect(Object.keys(await app.cookies())).toHaveLength(3)
    await app.request((storage) => storage.write(tokens(2)))
    expect(Object.keys(await app.cookies())).toEqual([cookieName])
    expect(await app.request((storage) => storage.read())).toEqual(tokens(2))
  })

  it('X3: deleting them leaves none', async () => {
    const app = application()
    await app.request((storage) => storage.write(big))
    await app.request((storage) => storage.write(undefined))
    expect(await app.cookies()).toEqual({})
  })

  it('X3: left-over chunks of whatever origin go with the next write', async () => {
    const app = application()
    for (const chunk of ['a1', 'a3', 'b2']) {
      await app.browser.setCookie(`${cookieName}.${chunk}=x; Secure; Path=/`, site)
    }
    await app.request((storage) => storage.write(tokens(1)))
    expect(Object.keys(await app.cookies())).toEqual([cookieName])
  })

  it('X3: with a chunk missing they read as signed out', async () => {
    const app = application()
    await app.request((storage) => storage.write(big))
    await app.browser.setCookie(`${cookieName}.a1=; Secure; Path=/; Max-Age=0`, site)
    expect(await app.request((storage) => storage.read())).toBeUndefined()
  })

  it('H4: others read the value before until the new one is whole', async () => {
    const cookies = requestCookies(undefined)
    await cookieStorage({ jar: cookies }).write(big)
    const next = tokens(2, 'y'.repeat(7_000))
    const seen: unknown[] = []
    const jar: CookieJar = {
      get: cookies.get,
      async set(...cookie) {
        cookies.set(...cookie)
        seen.push(await cookieStorage({ jar: { get: cookies.get, set: () => {} } }).read())
      },
    }
    await cookieStorage({ jar }).write(next)
    expect(seen.length).toBeGreaterThan(3)
    const turn = seen.findIndex((found) => JSON.stringify(found) === JSON.stringify(next))
    expect(seen).toEqual([...seen.slice(0, turn).fill(big), ...seen.slice(turn).fill(next)])
    expect(turn).toBeGreaterThan(0)
  })

  it('H4: a read that a write comes between is made again', async () => {
    const cookies = requestCookies(undefined)
    await cookieStorage({ jar: cookies }).write(big)
    let interruptions = 1
    const jar: CookieJar = {
      async get(name) {
        const found = cookies.get(name)
        if (name === cookieName && interruptions > 0) {
          interruptions -= 1
          await cookieStorage({ jar: { get: cookies.get, set: cookies.set } }).write(tokens(2, 'y'.repeat(7_000)))
        }
        return found
      },
      set: cookies.set,
    }
    expect(await cookieStorage({ jar }).read()).toEqual(tokens(2, 'y'.repeat(7_000)))
  })

  it('X3: a read ends, also when somebody writes all the while', async () => {
    let reads = 0
    const jar: CookieJar = {
      get(name) {
        reads += 1
        return name === cookieName ? `~a2~${reads}` : undefined
      },
      set: () => {},
    }
    await expect(cookieStorage({ jar }).read()).rejects.toThrow(expect.objectContaining({ code: 'AUTH_STORAGE' }))
  })

  it('says so when they are too long for the servers in between', async () => {
    const app = application()
    await app.request((storage) => storage.write(tokens(1)))
    const write = app.request((storage) => storage.write(tokens(2, 'x'.repeat(12_000))))
    await expect(write).rejects.toThrow(
      expect.objectContaining({ code: 'AUTH_CONFIGURATION', message: expect.stringContaining('maxBytes') }),
    )
    expect(await app.request((storage) => storage.read())).toEqual(tokens(1))
  })
})

describe('sealed', () => {
  it('X2: nobody but the server reads what is in it', async () => {
    const app = application({ secret })
    await app.request((storage) => storage.write(tokens(1)))
    for (const part of Object.values(await app.cookies())
      .join()
      .split('.')) {
      expect(Buffer.from(part, 'base64url').toString('latin1')).not.toMatch(/access|refresh/)
    }
    expect(await app.request((storage) => storage.read())).toEqual(tokens(1))
  })

  it('X3: changed, foreign, unsealed or renamed it reads as signed out', async () => {
    const app = application({ secret })
    await app.request((storage) => storage.write(tokens(1)))
    const { [cookieName]: value = '' } = await app.cookies()
    const hostile = [
      value.slice(0, -1),
      value.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
      encoded('{"v":1,"tokens":{"accessToken":"a"}}'),
    ]
    for (const cookie of hostile) {
      expect(await cookieStorage({ jar: requestCookies(`${cookieName}=${cookie}`), secret }).read()).toBeUndefined()
    }
    const renamed = requestCookies(`__Host-other=${value}`)
    expect(await cookieStorage({ jar: renamed, name: 'other', secret }).read()).toBeUndefined()
    expect(await cookieStorage({ jar: requestCookies(`${cookieName}=${value}`), secret }).read()).toEqual(tokens(1))
  })

  it('a secret can be changed while users are signed in', async () => {
    const next = 'another-secret-of-at-least-thirty-two-chars'
    const app = application()
    await app.request((storage) => storage.write(tokens(1)), { secret })
    expect(await app.request((storage) => storage.read(), { secret: [next, secret] })).toEqual(tokens(1))
    await app.request((storage) => storage.write(tokens(2)), { secret: [next, secret] })
    expect(await app.request((storage) => storage.read(), { secret: next })).toEqual(tokens(2))
  })
})

describe('requestCookies', () => {
  it('reads a Request, a header’s value, or nothing', () => {
    expect(requestCookies(new Request(site, { headers: { cookie: 'a=1; b=2' } })).get('b')).toBe('2')
    expect(requestCookies('a=1').get('a')).toBe('1')
    expect(requestCookies(undefined).get('a')).toBeUndefined()
  })

  it('X3: reads whatever is sent', () => {
    for (const header of [
      '',
      ';;;',
      '=',
      'a',
      '__proto__=1; constructor=2',
      'a=%E0%A4%A',
      'x'.repeat(100_000),
      '\u0000=\u0000',
    ]) {
      const jar = requestCookies(header)
      expect(() => jar.get(cookieName)).not.toThrow()
      expect(jar.get('toString')).toBeUndefined()
    }
  })

  it('answers with one header for each cookie', async () => {
    const jar = requestCookies(undefined)
    const storage = cookieStorage({ jar })
    await storage.write(tokens(1))
    await storage.write(tokens(2))
    expect(jar.setCookieHeaders()).toHaveLength(1)
    expect(await cookieStorage({ jar: requestCookies(jar.setCookieHeaders()[0]?.split(';')[0]) }).read()).toEqual(
      tokens(2),
    )
  })
})

describe('without a jar, where there is no page', () => {
  it('can be made, reads as signed out, and says what a write needs', async () => {
    const storage = cookieStorage()
    expect(await storage.read()).toBeUndefined()
    await expect(storage.write(tokens(1))).rejects.toThrow(
      expect.objectContaining({ code: 'AUTH_CONFIGURATION', message: expect.stringContaining('jar') }),
    )
  })
})

describe('says which option is wrong', () => {
  const jar = requestCookies(undefined)
  it.each<[string, CookieStorageOptions]>([
    ['name', { jar, name: 'a b' }],
    ['name', { jar, name: '' }],
    ['name', { jar, name: '__Host-session' }],
    ['maxAgeMs', { jar, maxAgeMs: 0 }],
    ['maxAgeMs', { jar, maxAgeMs: Number.NaN }],
    ['maxAgeMs', { jar, maxAgeMs: 401 * 86_400_000 }],
    ['maxBytes', { jar, maxBytes: -1 }],
    ['path', { jar, path: 'app' }],
    ['path', { jar, path: '/; Domain=evil.example' }],
    ['domain', { jar, domain: 'a; b' }],
    ['secure', { jar, secure: false, sameSite: 'none' }],
    ['secret', { jar, secret: 'short' }],
    ['secret', { jar, secret: undefined } as unknown as CookieStorageOptions],
    ['secret', { secret }],
    ['httpOnly', { httpOnly: true }],
  ])('%s', (option, options) => {
    expect(() => cookieStorage(options)).toThrow(
      expect.objectContaining({ code: 'AUTH_CONFIGURATION', message: expect.stringContaining(option) }),
    )
  })
})
