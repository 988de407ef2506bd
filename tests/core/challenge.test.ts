import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Challenge, parseChallenges } from '../../src/core/challenge'

type Flat = [scheme: string, params?: Record<string, string>, token68?: string]
const flat = ({ scheme, params, token68 }: Challenge): Flat =>
  token68 === undefined ? [scheme, Object.fromEntries(params)] : [scheme, Object.fromEntries(params), token68]

describe('parseChallenges', () => {
  it.each<[header: string, expected: Flat[]]>([
    ['', []],
    ['Bearer', [['bearer', {}]]],
    ['BEARER Error="invalid_token"', [['bearer', { error: 'invalid_token' }]]],
    ['Bearer realm="a, b", error="c"', [['bearer', { realm: 'a, b', error: 'c' }]]],
    ['Bearer error = "x" ,scope\t=\t"y z"', [['bearer', { error: 'x', scope: 'y z' }]]],
    ['Bearer error=invalid_token, max_age=5', [['bearer', { error: 'invalid_token', max_age: '5' }]]],
    [
      String.raw`Bearer realm="a \"quoted\" \\ one", error="x"`,
      [['bearer', { realm: String.raw`a "quoted" \ one`, error: 'x' }]],
    ],
    ['Bearer realm="", error="x"', [['bearer', { realm: '', error: 'x' }]]],
    ['Negotiate YIIJ+/a==', [['negotiate', {}, 'YIIJ+/a==']]],
    [
      'Negotiate, NTLM',
      [
        ['negotiate', {}],
        ['ntlm', {}],
      ],
    ],
    [
      'Negotiate abc=, Bearer error="x"',
      [
        ['negotiate', {}, 'abc='],
        ['bearer', { error: 'x' }],
      ],
    ],
    [
      'Basic realm="a", Bearer error="x", DPoP algs="ES256"',
      [
        ['basic', { realm: 'a' }],
        ['bearer', { error: 'x' }],
        ['dpop', { algs: 'ES256' }],
      ],
    ],
    ['Bearer error="first", error="second"', [['bearer', { error: 'first' }]]],
    [
      'Bearer error="a", Bearer error="b"',
      [
        ['bearer', { error: 'a' }],
        ['bearer', { error: 'b' }],
      ],
    ],
    [',, ,Bearer ,, error="x",', [['bearer', { error: 'x' }]]],
    [
      'Bearer __proto__="x", constructor="y"',
      [
        [
          'bearer',
          Object.fromEntries([
            ['__proto__', 'x'],
            ['constructor', 'y'],
          ]),
        ],
      ],
    ],
    [
      'Bearer realm="", authorization_uri="https://a/authorize", error="insufficient_claims", claims="eyJhIjoiYj0ifQ=="',
      [
        [
          'bearer',
          {
            realm: '',
            authorization_uri: 'https://a/authorize',
            error: 'insufficient_claims',
            claims: 'eyJhIjoiYj0ifQ==',
          },
        ],
      ],
    ],
    [
      'Bearer error="insufficient_claims", claims=eyJhIjoiYj0ifQ==',
      [['bearer', { error: 'insufficient_claims', claims: 'eyJhIjoiYj0ifQ==' }]],
    ],
  ])('R8: reads %s', (header, expected) => {
    expect(parseChallenges(header).map(flat)).toEqual(expected)
  })

  it.each([
    ['no scheme', 'error="x"'],
    ['a scheme that is no token', 'Bearer: error="x"'],
    ['a quoted scheme', '"Bearer" error="x"'],
    ['an end quote missing at the end', 'Bearer realm="a", error="x'],
    ['an end quote missing before', 'Bearer realm="a, error="x"'],
    ['a start quote missing', 'Bearer realm=a", error="x"'],
    ['commas missing', 'Bearer realm="a" error="x"'],
    ['semicolons for commas', 'Bearer realm="a"; error=x; scope=b'],
    ['quotes inside a quoted value (ASP.NET)', `Bearer error_description="The audience 'a"b' is invalid", error="x"`],
    ['the same with spaces', `Bearer error_description="The audience 'a " b' is invalid; or "not"", error="x"`],
    ['a value missing', 'Bearer realm=, error="x"'],
    ['a trailing backslash', 'Bearer error="x", realm="a\\'],
  ])('R8: finds error= in a header with %s', (_, header) => {
    expect(parseChallenges(header).map(({ params }) => params.get('error'))).toContain('x')
  })

  it('R8: says that a scheme cannot be read', () => {
    expect(parseChallenges('Béarer error="x"').map(flat)).toEqual([['', { error: 'x' }]])
  })

  it('R8: takes no parameter from inside a description', () => {
    const [challenge] = parseChallenges(
      'Bearer error_description="it said error=\\"insufficient_scope\\", error=insufficient_scope"',
    )
    expect(challenge?.params.has('error')).toBe(false)
  })

  it('R8: keeps to the challenge after a description that breaks the header (ASP.NET)', () => {
    const header = `Bearer error="invalid_token", error_description="The audience 'a"b' is invalid; The issuer 'c' is invalid", Negotiate, NTLM`
    expect(parseChallenges(header).map(({ scheme, params }) => [scheme, params.get('error')])).toEqual([
      ['bearer', 'invalid_token'],
      ['negotiate', undefined],
      ['ntlm', undefined],
    ])
  })

  const hostile: [name: string, unit: string][] = [
    ['quotes', '"'],
    ['commas', ','],
    ['spaces', ' '],
    ['backslashes', '\\'],
    ['words', 'a '],
    ['equals', '='],
    ['open quotes', 'a="'],
    ['escaped open quotes', 'a="\\'],
    ['closed quotes', 'a="" '],
    ['empty values', 'a= '],
    ['padding', '== '],
    ['one word', 'a'],
    ['tabs and commas', '\t,'],
  ]
  it.each(hostile)('R8: takes linear time for a header of %s', (_, unit) => {
    const text = (length: number, prefix: string) => prefix + unit.repeat(length / unit.length)
    for (const prefix of ['', 'Bearer ', 'Bearer error="']) {
      const cpuMs = (length: number) => {
        const header = text(length, prefix)
        return Math.min(
          ...[1, 2, 3].map(() => {
            const start = process.cpuUsage()
            parseChallenges(header)
            return process.cpuUsage(start).user / 1_000
          }),
        )
      }
      cpuMs(6_000)
      // 10 times the length would be 100 times the work if a stretch were read again and again.
      expect(cpuMs(60_000)).toBeLessThan(40 * cpuMs(6_000) + 10)
      expect(cpuMs(2_000_000)).toBeLessThan(1_000)
    }
  })

  it('R8: survives a header beyond all bounds', () => {
    expect(parseChallenges(`Bearer error="x", realm="${'a'.repeat(20_000_000)}"`)[0]?.params.get('error')).toBe('x')
  })

  it('R8: survives any header', () => {
    const soup = fc.array(
      fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'error', 'x', ';', '\t', 'é', '\n', 'a=='),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          soup.map((parts) => parts.join('')),
        ),
        (header) => {
          for (const { scheme } of parseChallenges(header)) expect(scheme).toBe(scheme.toLowerCase())
        },
      ),
    )
  })

  it('R8: reads back whatever RFC 9110 can write', () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9_-]{0,9}$/)
    const quoted = fc.string().map((value) => ({ value, text: `"${value.replace(/["\\]/g, '\\$&')}"` }))
    const bare = fc.stringMatching(/^[a-zA-Z0-9._~-]{1,9}$/).map((value) => ({ value, text: value }))
    const challenge = fc.record({
      scheme: token,
      params: fc.uniqueArray(fc.tuple(token, fc.oneof(quoted, bare)), { selector: ([name]) => name }),
    })
    fc.assert(
      fc.property(fc.array(challenge), (challenges) => {
        const header = challenges
          .map(({ scheme, params }) =>
            `${scheme} ${params.map(([name, { text }]) => `${name}=${text}`).join(', ')}`.trim(),
          )
          .join(', ')
        expect(parseChallenges(header).map(({ scheme, params }) => [scheme, [...params]])).toEqual(
          challenges.map(({ scheme, params }) => [scheme, params.map(([name, { value }]) => [name, value])]),
        )
      }),
    )
  })
})
