import { describe, expect, it } from 'vitest'
import { findViolations, readSources } from '../scripts/check-rooms.mjs'

const faults = (files: Record<string, string>) => findViolations(new Map(Object.entries(files)))

/** The faults of a tree where one file imports another. */
function faultsBetween(from: string, to: string): string[] {
  const up = '../'.repeat(from.split('/').length - 1) || './'
  return faults({ [from]: `import { b } from '${up}${to.replace(/\.tsx?$/, '')}'`, [to]: '' })
}

describe('the rooms of src', () => {
  it('know of each other only what the design allows', () => {
    const sources = readSources()
    expect(sources.size).toBeGreaterThan(0)
    expect(findViolations(sources)).toEqual([])
  })

  it.each([
    ['errors/a.ts', 'core/b.ts'],
    ['core/a.ts', 'session/b.ts'],
    ['core/a.ts', 'create-auth-client.ts'],
    ['session/a.ts', 'transports/fetch.ts'],
    ['session/a.ts', 'sharing/web-locks.ts'],
    ['transports/axios.ts', 'session/authorizer.ts'],
    ['transports/axios.ts', 'index.ts'],
    ['sharing/web-locks.ts', 'session/refresh-exchange.ts'],
    ['refreshers/oauth.ts', 'session/refresh-exchange.ts'],
    ['storages/file.ts', 'session/refresh-exchange.ts'],
    ['create-auth-client.ts', 'transports/axios.ts'],
    ['create-auth-client.ts', 'storages/web-storage.ts'],
    ['create-auth-client.ts', 'storages/memory-storage-more.ts'],
    ['frameworks/react.tsx', 'session/session-store.ts'],
    ['frameworks/react.tsx', 'sharing/broadcast.ts'],
    ['frameworks/next-auth/server.ts', 'storages/cookies.ts'],
    ['frameworks/next-auth/server.ts', 'session/refresh-flight.ts'],
    ['server/proxy.ts', 'session/refresh-flight.ts'],
    ['server/proxy.ts', 'frameworks/react.tsx'],
    ['core/a.ts', 'testing/index.ts'],
    ['a-room-without-a-line/a.ts', 'errors/b.ts'],
  ])('%s may not import %s', (from, to) => {
    expect(faultsBetween(from, to)).toEqual([expect.stringContaining(`src/${from}:1 imports src/${to}: `)])
  })

  it.each([
    ['core/a.ts', 'errors/b.ts'],
    ['session/a.ts', 'core/b.ts'],
    ['transports/axios.ts', 'transports/response-body.ts'],
    ['sharing/shared-exchange.ts', 'session/refresh-exchange.ts'],
    ['storages/cookies.ts', 'sharing/broadcast.ts'],
    ['create-auth-client.ts', 'transports/fetch.ts'],
    ['create-auth-client.ts', 'storages/memory-storage.ts'],
    ['frameworks/react.tsx', 'create-auth-client.ts'],
    ['frameworks/next-auth/server.ts', 'session/refresh-exchange.ts'],
    ['frameworks/next-auth/server.ts', 'sharing/shared-exchange.ts'],
    ['server/proxy.ts', 'storages/cookies.ts'],
    ['testing/index.ts', 'session/refresh-exchange.ts'],
  ])('%s may import %s', (from, to) => {
    expect(faultsBetween(from, to)).toEqual([])
  })

  it.each([
    ["import type { B } from '../session/b'"],
    ["export { b } from '../session/b'"],
    ["export * from '../session/b'"],
    ["export const b = () => import('../session/b')"],
    ["export type B = import('../session/b').B"],
    ["import '../session/b'"],
  ])('sees `%s`', (text) => {
    expect(faults({ 'core/a.ts': `// why\n${text}`, 'session/b.ts': '' })).toEqual([
      'src/core/a.ts:2 imports src/session/b.ts: src/core/a.ts may import core, errors only.',
    ])
  })

  it('do not go through the package’s own name', () => {
    expect(faults({ 'core/a.ts': "import { b } from 'tokenflight/testing'" })).toHaveLength(1)
  })

  it('have no cycle of imports, whatever its length', () => {
    const files = {
      'core/a.ts': "import './b'",
      'core/b.ts': "import type { C } from './c'",
      'core/c.ts': "export { a } from './a'",
      'core/d.ts': "import './a'",
    }
    expect(faults(files)).toEqual([
      'A cycle of imports: src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts.',
    ])
  })
})
