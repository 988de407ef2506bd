import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createOriginPolicy, type OriginOptions, type Placement } from '../../src/core/origins'

const never = (error: unknown) => {
  throw error
}
const policy = (options: OriginOptions) => createOriginPolicy(options, never)
const baseUrl = new URL('https://api.example.com/v1')
const ofBase = policy({ baseUrl })
const withheld = (reason: 'origin' | 'insecure' | 'ownHeader', origin: string): Placement => ({
  withheld: reason,
  origin,
})

describe('createOriginPolicy', () => {
  it.each([
    'https://api.example.com/v1/users',
    'https://api.example.com/',
    'https://api.example.com',
    'https://api.example.com?x=1',
    'https://api.example.com#x',
    'https://api.example.com:443/x',
    'HTTPS://API.Example.com/x',
    'https:api.example.com/x',
    'https:\\\\api.example.com\\x',
    ' https://api.example.com/x',
    'https://api%2eexample.com/x',
    'https://api.example.com/@evil.com',
    'https://api.example.com/\\@evil.com',
  ])('A1: %s is of the origin of baseUrl', (url) => {
    expect(ofBase(url)).toBe('allowed')
  })

  it.each<[url: string, origin: string]>([
    ['https://evil.com/', 'https://evil.com'],
    ['https://api.example.com.evil.com/', 'https://api.example.com.evil.com'],
    ['https://api.example.comevil.com/', 'https://api.example.comevil.com'],
    ['https://api.example.com:8443/', 'https://api.example.com:8443'],
    ['https://api.example.com@evil.com/', 'https://evil.com'],
    ['https://api.example.com:x@evil.com/', 'https://evil.com'],
    ['https://example.com/', 'https://example.com'],
    ['https://evil.com/https://api.example.com/', 'https://evil.com'],
    ['https://evil.com\\@api.example.com/', 'https://evil.com'],
    ['http://api.example.com/', 'http://api.example.com'],
    ['wss://api.example.com/', 'wss://api.example.com'],
    ['blob:https://api.example.com/x', 'https://api.example.com'],
    ['data:text/plain,x', 'null'],
    ['capacitor://localhost/x', 'null'],
    ['/users', 'null'],
    ['', 'null'],
    ['https://', 'null'],
    ['https://api.example.com:99999/', 'null'],
  ])('A1: %s is not', (url, origin) => {
    expect(ofBase(url)).toEqual(withheld('origin', origin))
  })

  it('A3: user info in the URL is a header of its own', () => {
    expect(ofBase('https://user:secret@api.example.com/')).toEqual(withheld('ownHeader', 'https://api.example.com'))
    expect(ofBase('https://user@api.example.com/')).toEqual(withheld('ownHeader', 'https://api.example.com'))
    expect(ofBase('https://:secret@api.example.com/')).toEqual(withheld('ownHeader', 'https://api.example.com'))
  })

  it('A1: in a browser with neither it is the page, and only then', () => {
    const pageOrigin = 'https://app.example.com'
    expect(policy({ pageOrigin })('https://app.example.com/x')).toBe('allowed')
    expect(policy({ pageOrigin, baseUrl })('https://app.example.com/x')).toEqual(withheld('origin', pageOrigin))
    expect(policy({ pageOrigin, allowedOrigins: [] })('https://app.example.com/x')).toEqual(
      withheld('origin', pageOrigin),
    )
    expect(policy({ pageOrigin, allowedOrigins: () => false })('https://app.example.com/x')).toEqual(
      withheld('origin', pageOrigin),
    )
  })

  it('A1: the origin "null" never matches', () => {
    expect(policy({ pageOrigin: 'null' })('data:text/plain,x')).toEqual(withheld('origin', 'null'))
    expect(policy({ pageOrigin: 'null' })('null/x')).toEqual(withheld('origin', 'null'))
    expect(policy({ baseUrl: new URL('capacitor://localhost') })('capacitor://localhost/x')).toEqual(
      withheld('origin', 'null'),
    )
    expect(policy({ allowedOrigins: () => true })('data:text/plain,x')).toEqual(withheld('origin', 'null'))
    expect(policy({})('https://a.example/')).toEqual(withheld('origin', 'https://a.example'))
  })

  it.each([
    ['https://a.example', 'https://a.example/x'],
    ['HTTPS://A.Example', 'https://a.example/x'],
    ['https://a.example:443', 'https://a.example/x'],
    ['https://a.example:8443', 'https://a.example:8443/x'],
    ['https://bücher.example', 'https://xn--bcher-kva.example/x'],
    ['https://xn--bcher-kva.example', 'https://bücher.example/x'],
    ['http://localhost:3000', 'http://localhost:3000/x'],
    ['https://[2001:DB8::1]', 'https://[2001:db8::1]/x'],
  ])('A1: the entry %s allows %s', (entry, url) => {
    expect(policy({ allowedOrigins: [entry] })(url)).toBe('allowed')
    expect(policy({ baseUrl, allowedOrigins: ['https://b.example', entry] })(url)).toBe('allowed')
    expect(policy({ baseUrl, allowedOrigins: [entry] })('https://api.example.com/x')).toBe('allowed')
    expect(policy({ allowedOrigins: [entry] })('https://api.example.com/x')).toEqual(
      withheld('origin', 'https://api.example.com'),
    )
  })

  it.each<[entry: unknown, suggestion: string]>([
    ['https://a.example/', '"https://a.example"'],
    ['https://a.example/v1', '"https://a.example"'],
    ['http://localhost:3000/', '"http://localhost:3000"'],
    ['https://a.example?x', '"https://a.example"'],
    ['https://a.example#x', '"https://a.example"'],
    ['https:\\\\a.example', '"https://a.example"'],
    ['https:a.example', '"https://a.example"'],
    ['a.example', '"https://a.example"'],
    ['a.example:8443/x', '"https://a.example:8443"'],
    ['//a.example', '"https://a.example"'],
    ['wss://a.example', '"https://a.example"'],
    [' https://a.example', '"https://a.example"'],
    ['https://*.example.com', '"https://api.example.com"'],
    ['*', '"https://api.example.com"'],
    ['', '"https://api.example.com"'],
    [undefined, 'allowedOrigins[1]'],
    [new URL('https://a.example/'), '"https://a.example"'],
    ['https://user:secret@a.example', '"https://a.example"'],
  ])('A1: the entry %s is refused with the right spelling', (entry, suggestion) => {
    const allowedOrigins = JSON.parse('["https://b.example"]')
    allowedOrigins.push(entry)
    const create = () => policy({ allowedOrigins })
    expect(create).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
    expect(create).toThrow(suggestion)
    expect(create).toThrow('allowedOrigins[1]')
    expect(create).not.toThrow('secret')
  })

  it('A1: a predicate adds to baseUrl and counts only if it returns exactly true', () => {
    const answers: unknown[] = [true, false, 1, 'true', Promise.resolve(true), undefined]
    for (const answer of answers) {
      const allowedOrigins = vi.fn().mockReturnValue(answer)
      const place = policy({ baseUrl, allowedOrigins })
      expect(place('https://api.example.com/x')).toBe('allowed')
      expect(allowedOrigins).not.toHaveBeenCalled()
      expect(place('https://a.example/x')).toEqual(
        answer === true ? 'allowed' : withheld('origin', 'https://a.example'),
      )
      expect(allowedOrigins).toHaveBeenCalledExactlyOnceWith(new URL('https://a.example/x'))
    }
  })

  it('A1: a predicate can neither change the URL nor allow what is not http', () => {
    const place = policy({
      allowedOrigins: (url) => {
        url.href = 'https://other.example/'
        return true
      },
    })
    expect(place('http://a.example/')).toEqual(withheld('insecure', 'http://a.example'))
    expect(place('https://u@a.example/')).toEqual(withheld('ownHeader', 'https://a.example'))
    expect(place('wss://a.example/')).toEqual(withheld('origin', 'wss://a.example'))
  })

  it('Q5: what a predicate throws is reported, and the token withheld', () => {
    const error = new Error('boom')
    const report = vi.fn()
    const place = createOriginPolicy({ allowedOrigins: () => never(error) }, report)
    expect(place('https://a.example/')).toEqual(withheld('origin', 'https://a.example'))
    expect(report).toHaveBeenCalledExactlyOnceWith(error)
  })

  it.each(['localhost', 'localhost:3000', 'api.localhost', '127.0.0.1', '127.1.2.3:80', '[::1]:3000', '2130706433'])(
    'A2: http://%s is loopback',
    (host) => {
      expect(policy({ baseUrl: new URL(`http://${host}`) })(`http://${host}/x`)).toBe('allowed')
      expect(policy({ allowedOrigins: () => true })(`http://${host}/x`)).toBe('allowed')
    },
  )

  it.each([
    'a.example',
    'localhost.evil.com',
    'evillocalhost',
    '127.0.0.1.evil.com',
    '128.0.0.1',
    '0.0.0.0',
    '[::2]',
    '192.168.0.1',
  ])('A2: http://%s gets no token, unless dangerouslyAllowInsecureHttp is set', (host) => {
    const options = { baseUrl: new URL(`http://${host}`) }
    expect(policy(options)(`http://${host}/x`)).toEqual(withheld('insecure', `http://${host}`))
    expect(policy({ allowedOrigins: [`http://${host}`] })(`http://${host}/x`)).toEqual(
      withheld('insecure', `http://${host}`),
    )
    expect(policy({ ...options, dangerouslyAllowInsecureHttp: true })(`http://${host}/x`)).toBe('allowed')
    expect(policy({ ...options, dangerouslyAllowInsecureHttp: true })('http://other.example/x')).toEqual(
      withheld('origin', 'http://other.example'),
    )
  })

  it('A1: whatever the URL, allowed means that its parsed origin is one of those given', () => {
    const place = policy({ baseUrl, allowedOrigins: ['http://localhost:3000'] })
    const part = fc.constantFrom(
      'https:',
      'http:',
      '/',
      '//',
      '\\',
      'api.example.com',
      'localhost',
      ':3000',
      ':443',
      '@',
      'evil.com',
      '.',
      '?',
      '#',
      '\t',
      '\n',
      ' ',
      ':',
      '%2e',
      'blob:',
      'a',
    )
    const soup = fc.array(part, { maxLength: 9 }).map((parts) => parts.join(''))
    const near = fc
      .tuple(
        fc.constantFrom('https://api.example.com', 'http://localhost:3000'),
        fc.oneof(soup, fc.string({ unit: 'binary' })),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(soup, near, fc.webUrl()), (url) => {
        if (place(url) !== 'allowed') return
        const { origin, protocol, username, password } = new URL(url)
        expect(['https://api.example.com', 'http://localhost:3000']).toContain(origin)
        expect(['https:', 'http:']).toContain(protocol)
        expect(username + password).toBe('')
      }),
      { numRuns: 2_000 },
    )
  })
})
