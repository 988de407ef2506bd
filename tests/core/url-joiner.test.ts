import axios from 'axios'
import { describe, expect, it } from 'vitest'
import { urlJoiner } from '../../src/core/url-joiner'

describe('urlJoiner', () => {
  it.each([
    ['users', 'https://a/v1', 'https://a/v1/users'],
    ['/users', 'https://a/v1', 'https://a/v1/users'],
    ['/users', 'https://a/v1/', 'https://a/v1/users'],
    ['users/', 'https://a/v1/', 'https://a/v1/users/'],
    ['/users', 'https://a', 'https://a/users'],
    ['?x=1', 'https://a/v1', 'https://a/v1/?x=1'],
    ['?x=1', 'https://a/v1/', 'https://a/v1/?x=1'],
    ['users?x=1#y', 'https://a/v1', 'https://a/v1/users?x=1#y'],
    ['', 'https://a/v1', 'https://a/v1'],
    ['', 'https://a/v1/', 'https://a/v1/'],
  ])('A9: joins %s to %s as axios does', (url, base, expected) => {
    expect(urlJoiner(new URL(base))(url)).toBe(expected)
    expect(axios.create({ baseURL: base }).getUri({ url })).toBe(expected)
  })

  it.each([
    ['users', 'https://a/v1?key=1#top', 'https://a/v1/users'],
    ['', 'https://a/v1?key=1', 'https://a/v1'],
    ['?x=1', 'https://a/v1/?key=1', 'https://a/v1/?x=1'],
    ['users', 'https://user:pw@a/v1', 'https://user:pw@a/v1/users'],
    ['users', 'https://a/v1//', 'https://a/v1/users'],
  ])('A9: joins %s to %s, whose query and fragment stand in nobody’s way', (url, base, expected) => {
    expect(urlJoiner(new URL(base))(url)).toBe(expected)
  })

  it.each([
    'https://b/x',
    'HTTP://b',
    'data:text/plain,x',
    'blob:https://a/x',
    'mailto:x@y',
    'capacitor://localhost',
    ' https://b/x',
  ])('A9: %s is absolute and stays', (url) => {
    expect(urlJoiner(new URL('https://a/v1'))(url)).toBe(url)
    expect(urlJoiner(undefined)(url)).toBe(url)
  })

  it.each(['https:b/x', 'HTTPS:/b/x', ' https:b/x'])('A1: %j means the same host to everybody', (url) => {
    expect(urlJoiner(new URL('https://a/v1'))(url)).toBe('https://b/x')
    expect(urlJoiner(undefined)(url)).toBe('https://b/x')
  })

  it('A9: //host takes the protocol of the base', () => {
    expect(urlJoiner(new URL('https://a/v1'))('//b/x')).toBe('https://b/x')
    expect(urlJoiner(new URL('http://a/v1'))('//b/x')).toBe('http://b/x')
  })

  it.each(['users', '/users', '', '?x=1', '//b/x'])('A9: %s has no place without a base', (url) => {
    expect(urlJoiner(undefined)(url)).toBeUndefined()
  })

  it.each(['\\\\evil.com', '/\\evil.com', '\t//evil.com', '@evil.com', ':80@evil.com', '.evil.com', '../../x'])(
    'A1: %s cannot leave the origin of the base',
    (url) => {
      const joined = urlJoiner(new URL('https://a/v1'))(url)
      expect(new URL(joined ?? '').origin).toBe('https://a')
    },
  )
})
