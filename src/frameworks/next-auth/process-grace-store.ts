import { readProperty } from '../../errors/read-property'
import { type GraceStore, memoryGraceStore } from '../../sharing/grace-store'

const key = Symbol.for('tokenflight.next-auth.grace-store')

/**
 * The grace store of this process. The one state that is not in an instance: Next bundles proxy.ts, components and route handlers apart
 * from each other, each with a copy of every module, and all of them get requests with the same old cookie (H5). Its entries are keyed
 * by hashes of refresh tokens, so those of several instances do not meet.
 */
export function processGraceStore(): GraceStore {
  const kept: unknown = Reflect.get(globalThis, key)
  if (isGraceStore(kept)) return kept
  const store = memoryGraceStore()
  Reflect.set(globalThis, key, store)
  return store
}

const isGraceStore = (value: unknown): value is GraceStore =>
  ['get', 'set', 'delete', 'lock'].every((name) => typeof readProperty(value, name) === 'function')
