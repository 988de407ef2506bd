import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { holdResponse, readStart } from '../../src/transports/held-response'

const limit = 64 * 1024

/** A body that gives these chunks, then hangs, and tells of both that and its end. */
function source(chunks: readonly Uint8Array[]) {
  let cancel = (): void => {}
  let hang = (): void => {}
  const cancelled = new Promise<void>((resolve) => {
    cancel = resolve
  })
  const hangs = new Promise<void>((resolve) => {
    hang = resolve
  })
  const left = [...chunks]
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = left.shift()
        if (chunk) return controller.enqueue(chunk)
        hang()
        return new Promise(() => {})
      },
      cancel,
    },
    { highWaterMark: 0 },
  )
  return { body, hangs, cancelled }
}

describe('readStart', () => {
  it('R1: reads 64 KB, also of a clone whose other part nobody reads', async () => {
    const { body } = source([new Uint8Array(60_000).fill(97), new Uint8Array(60_000).fill(98)])
    const response = new Response(body)
    expect(await readStart(response.clone())).toBe('a'.repeat(60_000) + 'b'.repeat(limit - 60_000))
    expect((await response.body?.getReader().read())?.value?.byteLength).toBe(60_000)
  })

  it('R1: reads nothing where there is nothing', async () => {
    expect(await readStart(new Response(null))).toBe('')
  })
})

describe('holdResponse', () => {
  it('R7: reads the body at once, without being asked', async () => {
    const response = new Response('small', { status: 401 })
    holdResponse(response)
    expect(response.body?.locked).toBe(true)
  })

  it('R7: what is handed out has status, headers, url and body', async () => {
    const response = Object.defineProperties(
      new Response('small', { status: 401, statusText: 'Nope', headers: { 'x-a': '1', 'www-authenticate': 'Bearer' } }),
      { type: { value: 'cors' }, url: { value: 'https://api.example.com/x' }, redirected: { value: true } },
    )
    const restored = holdResponse(response).restore()
    expect([restored.status, restored.statusText, restored.type, restored.url, restored.redirected]).toEqual([
      ...[401, 'Nope', 'cors', 'https://api.example.com/x', true],
    ])
    expect([...restored.headers]).toEqual([...response.headers])
    expect(await restored.text()).toBe('small')
  })

  it('R7: of one without a body nothing is read; it is handed out as it was', async () => {
    const headers = { 'content-length': '0', 'www-authenticate': 'Bearer' }
    const response = new Response('', { status: 401, headers })
    Object.defineProperty(response, 'url', { value: 'https://api.example.com/x' })
    const restored = holdResponse(response).restore()
    expect(response.body?.locked).toBe(false)
    expect([restored.status, restored.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect([await restored.clone().text(), await restored.text()]).toEqual(['', ''])
  })

  it('R7: one that only says it has no body, as who puts another in its place may leave it, keeps that', async () => {
    const response = new Response('decrypted', { status: 401, headers: { 'content-length': '0' } })
    const restored = holdResponse(response).restore()
    expect([await restored.clone().text(), await restored.text()]).toEqual(['decrypted', 'decrypted'])
  })

  it('R7: one without a body holds no connection, although it is not read', async () => {
    const api = createServer((_, response) => void response.writeHead(401, { 'content-length': '0' }).end())
    let connections = 0
    api.on('connection', () => {
      connections += 1
    })
    onTestFinished(() => {
      api.closeAllConnections()
      api.close()
    })
    await once(api.listen(0, '127.0.0.1'), 'listening')
    const { port } = api.address() as AddressInfo
    for (let i = 0; i < 20; i += 1) holdResponse(await fetch(`http://127.0.0.1:${port}`))
    expect(connections).toBeLessThan(3)
  })

  it('R7: a clone of what is handed out has its url too', async () => {
    const response = new Response('small', { status: 401 })
    Object.defineProperties(response, { url: { value: 'https://api.example.com/x' }, redirected: { value: true } })
    const clone = holdResponse(response).restore().clone().clone()
    expect([clone.url, clone.redirected, await clone.text()]).toEqual(['https://api.example.com/x', true, 'small'])
  })

  it.each(['Non autoris\ufffd', '未授权', ''])('R7: the reason phrase %j is handed out', (statusText) => {
    const response = Object.defineProperty(new Response('small', { status: 401 }), 'statusText', { value: statusText })
    expect(holdResponse(response).restore().statusText).toBe(statusText)
  })

  it('R7: of a longer body 64 KB are kept, and the rest is cancelled', async () => {
    const { body, cancelled } = source([new Uint8Array(60_000).fill(1), new Uint8Array(60_000).fill(2)])
    const held = holdResponse(new Response(body, { status: 401 }))
    await cancelled
    const kept = new Uint8Array(await held.restore().arrayBuffer())
    expect(kept.byteLength).toBe(limit)
    expect([kept[59_999], kept[60_000]]).toEqual([1, 2])
  })

  it('R7: a body that hangs is cancelled after a second, and what there was of it is kept', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { body, hangs, cancelled } = source([new TextEncoder().encode('begun')])
    const held = holdResponse(new Response(body, { status: 401 }))
    await hangs
    vi.advanceTimersByTime(1_000)
    vi.useRealTimers()
    await cancelled
    expect(await held.restore().text()).toBe('begun')
  })

  it('R7: no timer is left behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await holdResponse(new Response('small')).restore().text()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('R7: a body that hangs is cancelled when nobody needs it any more', async () => {
    const { body, cancelled } = source([new Uint8Array(10)])
    holdResponse(new Response(body, { status: 401 })).discard()
    await cancelled
  })

  it('R7: one that breaks off fails when it is read, and nothing rejects unhandled before', async () => {
    const body = new ReadableStream({
      start: (controller) => controller.error(new Error('cut')),
    })
    const held = holdResponse(new Response(body, { status: 401 }))
    await expect(held.restore().text()).rejects.toThrow('cut')
  })

  it.each([
    ['without a body', () => new Response(null, { status: 401 })],
    [
      'whose body was read',
      async () => {
        const response = new Response('read', { status: 401 })
        await response.text()
        return response
      },
    ],
  ])('R7: one %s is handed out itself', async (_, make) => {
    const response = await make()
    expect(holdResponse(response).restore()).toBe(response)
  })
})
