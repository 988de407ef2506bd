import { describe, expect, it } from 'vitest'
import { judgeAnswer, judgeCode, type RefreshAnswer } from '../../src/core/judge-answer'
import { judgeReturned } from '../../src/core/judge-returned'

const sentAt = 1_700_000_000_000
const now = sentAt + 1_000
const json = (value: unknown) => ({ contentType: 'application/json', body: JSON.stringify(value) })
const html = { contentType: 'text/html; charset=utf-8', body: '<html><body>Sign in to Wi-Fi</body></html>' }
const judge = (answer: Partial<RefreshAnswer>, rejectedStatuses: readonly number[] = [400, 401]) =>
  judgeAnswer(
    { status: 200, contentType: '', retryAfter: null, body: '', ...answer },
    { sentAt, now, rejectedStatuses },
  )

const kinds = {
  invalid_grant: 'rejected',
  temporarily_unavailable: 'unavailable',
  server_error: 'unavailable',
  invalid_client: 'misconfigured',
  unauthorized_client: 'misconfigured',
  unsupported_grant_type: 'misconfigured',
  invalid_scope: 'misconfigured',
  invalid_request: 'misconfigured',
  interaction_required: 'interactionRequired',
  login_required: 'interactionRequired',
  consent_required: 'interactionRequired',
} as const
const rules = { rejected: 'F6', unavailable: 'F5', misconfigured: 'F7', interactionRequired: 'F8' } as const
const codes = {
  rejected: 'AUTH_REFRESH_REJECTED',
  unavailable: 'AUTH_REFRESH_UNAVAILABLE',
  misconfigured: 'AUTH_REFRESH_MISCONFIGURED',
  interactionRequired: 'AUTH_INTERACTION_REQUIRED',
} as const
const known = Object.entries(kinds).map(([code, kind]) => ({ code, kind, rule: rules[kind] }))

describe('judgeAnswer', () => {
  it('F4: tokens are refreshed, counted from the sending', () => {
    const tokens = { accessToken: 'a', refreshToken: 'r', expiresAt: sentAt + 300_000, issuedAt: sentAt }
    for (const status of [200, 201]) {
      expect(judge({ status, ...json({ access_token: 'a', refresh_token: 'r', expires_in: 300 }) })).toEqual({
        kind: 'refreshed',
        tokens,
      })
    }
  })

  it('F4: JSON is read whatever its content type says', () => {
    expect(judge({ contentType: 'text/html', body: '{"access_token":"a"}' })).toMatchObject({ kind: 'refreshed' })
  })

  it.each(known)('$rule: $code is $kind, with any status but 5xx', ({ code, kind }) => {
    for (const status of [200, 400, 401, 403, 404, 418, 429]) {
      const outcome = judge({ status, ...json({ error: code, error_description: 'd', access_token: 'a' }) })
      expect(outcome).toMatchObject({ kind, error: { code: codes[kind], status, oauthError: code } })
    }
    expect(judge({ status: 503, ...json({ error: code }) })).toMatchObject({
      kind: 'unavailable',
      error: { status: 503, oauthError: code },
    })
  })

  it.each(known)('$rule: judgeCode says the same of $code alone', ({ code, kind }) => {
    expect(judgeCode(code, { status: 418, retryAfterMs: 5 })).toMatchObject({
      kind,
      error: { code: codes[kind], oauthError: code, status: 418, retryAfterMs: 5 },
    })
  })

  it.each(['slow_down', '', 'ERR_BAD_REQUEST', '__proto__', 'constructor'])(
    'F11: judgeCode says nothing of %s',
    (code) => {
      expect(judgeCode(code)).toBeUndefined()
    },
  )

  it.each([401, 400])('F6: a %i without a known code is rejected', (status) => {
    for (const body of [
      '',
      '{}',
      '{"error":"token expired"}',
      '{"error":{"code":"invalid_client"}}',
      'nope',
      '{"error":"Invalid_Client"}',
    ]) {
      const outcome = judge({ status, body })
      expect(outcome).toMatchObject({ kind: 'rejected', error: { code: 'AUTH_REFRESH_REJECTED', status } })
      expect(outcome).not.toHaveProperty('error.oauthError')
    }
  })

  it('F6: only the rejectedStatuses are', () => {
    expect(judge({ status: 400 }, [401])).toMatchObject({ kind: 'unavailable' })
    expect(judge({ status: 403 }, [401, 403])).toMatchObject({ kind: 'rejected' })
    expect(judge({ status: 404 }, [404])).toMatchObject({ kind: 'rejected' })
    expect(judge({ status: 500 }, [500])).toMatchObject({ kind: 'unavailable' })
  })

  it('F6: a 403 is unavailable, and says which option to set', () => {
    expect(judge({ status: 403 })).toMatchObject({
      kind: 'unavailable',
      error: { message: expect.stringContaining('rejectedStatuses') },
    })
  })

  it.each([404, 405])('F7: a %i is misconfigured', (status) => {
    expect(judge({ status })).toMatchObject({
      kind: 'misconfigured',
      error: { code: 'AUTH_REFRESH_MISCONFIGURED', status },
    })
  })

  it.each([302, 407, 408, 409, 418, 425, 429, 451, 500, 502, 503, 504, 599])('F5: a %i is unavailable', (status) => {
    expect(judge({ status, body: '{"error":"x"}' })).toMatchObject({
      kind: 'unavailable',
      answered: true,
      error: { code: 'AUTH_REFRESH_UNAVAILABLE', retryable: true, status },
    })
  })

  it.each([200, 400, 401, 404, 403])('F5: an HTML page with a %i is unavailable', (status) => {
    for (const page of [
      html,
      { contentType: 'text/html', body: '\n<!-- proxy --><h1>Unauthorized</h1>' },
      { contentType: 'application/xhtml+xml', body: '<?xml version="1.0"?><x/>' },
      { contentType: '', body: '\ufeff \n<!DOCTYPE HTML>\n' },
      { contentType: 'application/json', body: '  <HTML lang="en">' },
    ]) {
      expect(judge({ status, ...page })).toMatchObject({ kind: 'unavailable', error: { status } })
    }
  })

  it.each([
    ['', 401],
    ['', 400],
    ['Unauthorized', 401],
    ['Invalid refresh token (expired < now)', 400],
  ])('F14, F6: %j with a %i is no page, though it is called text/html', (body, status) => {
    const answer = { status, contentType: 'text/html; charset=utf-8', body }
    expect(judge(answer)).toMatchObject({ kind: 'rejected', error: { status } })
  })

  it.each([
    '',
    'nope',
    '[]',
    'null',
    '7',
    '"a"',
    '{}',
    '{"access_token":""}',
    '{"access_token":"a b"}',
    '{"error":"x"}',
    'access_token=a&expires_in=1',
  ])('F5: a 200 with the body %s is unavailable', (body) => {
    const outcome = judge({ body })
    expect(outcome).toMatchObject({ kind: 'unavailable', answered: true, error: { status: 200 } })
    expect(outcome).not.toHaveProperty('refreshToken')
  })

  it('F5: honours Retry-After', () => {
    expect(judge({ status: 429, retryAfter: '7' })).toMatchObject({
      retryAfterMs: 7_000,
      error: { retryAfterMs: 7_000 },
    })
    expect(judge({ status: 503, retryAfter: new Date(now + 9_000).toUTCString() })).toMatchObject({
      retryAfterMs: 9_000,
    })
    expect(judge({ status: 503, retryAfter: 'soon' })).toHaveProperty('retryAfterMs', undefined)
  })

  it('E6: a rotated refresh token is not lost where the access token cannot be used', () => {
    expect(judge(json({ refresh_token: 'r2' }))).toMatchObject({ kind: 'unavailable', refreshToken: 'r2' })
    expect(judge(json({ access_token: 'a b', refreshToken: 'r2' }))).toMatchObject({
      kind: 'unavailable',
      refreshToken: 'r2',
    })
    expect(judge(json({ refresh_token: ['r2'] }))).not.toHaveProperty('refreshToken')
  })

  it('F4: a rotated refresh token is not lost to other fields', () => {
    expect(judge(json({ access_token: 'a', refresh_token: 'r2', expires_in: 'never', id_token: 7 }))).toEqual({
      kind: 'refreshed',
      tokens: { accessToken: 'a', refreshToken: 'r2' },
    })
  })

  it('X1: says nothing of the body', () => {
    for (const status of [200, 400, 401, 403, 404, 500]) {
      for (const secret of [
        json({ error: 's3cret', access_token: 's3cret s3cret' }),
        { contentType: 'text/html', body: 's3cret' },
      ]) {
        const outcome = judge({ status, ...secret })
        expect(outcome.kind).not.toBe('refreshed')
        expect(JSON.stringify(outcome) + ('error' in outcome ? outcome.error.message : '')).not.toContain('s3cret')
      }
    }
  })
})

describe('judgeReturned', () => {
  it('F11: judges the JSON a refresher returns', () => {
    expect(judgeReturned({ access_token: 'a', expires_in: 9 }, sentAt)).toEqual({
      kind: 'refreshed',
      tokens: { accessToken: 'a', expiresAt: sentAt + 9_000, issuedAt: sentAt },
    })
    expect(judgeReturned({ error: 'invalid_grant' }, sentAt)).toMatchObject({ kind: 'rejected' })
    expect(judgeReturned({ refreshToken: 'r2' }, sentAt)).toMatchObject({ kind: 'unavailable', refreshToken: 'r2' })
    for (const value of [undefined, null, 'a', 7, {}, { error: 'x' }]) {
      expect(judgeReturned(value, sentAt)).toMatchObject({ kind: 'unavailable', answered: true })
    }
  })

  it('F11: says what to return of an HTTP client’s response', () => {
    expect(judgeReturned({ data: { access_token: 'a' }, status: 200 }, sentAt)).toMatchObject({
      error: { message: expect.stringContaining('Return its data') },
    })
  })
})
