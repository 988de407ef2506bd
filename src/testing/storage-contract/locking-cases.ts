import type { HeldLock, TokenStorage } from '../../core/token-storage'
import { assertEqual } from '../assert-equal'
import { assertThat } from '../assert-that'
import { within } from '../within'
import type { StorageCase } from './storage-place'

interface LockRequest {
  readonly name?: 'fallback'
  readonly signal?: AbortSignal
}

async function lock(
  storage: TokenStorage,
  { name, signal = new AbortController().signal }: LockRequest = {},
): Promise<HeldLock> {
  assertThat(storage.lock, "the storage has a `lock`, or is said to lack it (`lacks: ['lock']`)")
  return storage.lock(signal, name)
}
const soon = (storage: TokenStorage, request?: LockRequest): Promise<HeldLock> =>
  within(lock(storage, request), 'a lock that nobody holds is given')

/** The lock: whoever shares the tokens shares it. */
export const lockingCases: readonly StorageCase[] = [
  {
    name: 'H1: the lock is held by one at a time, and by each in turn',
    needs: ['lock'],
    async run({ storage, other }) {
      let inside = 0
      let most = 0
      let turns = 0
      const take = async (holder: TokenStorage): Promise<void> => {
        const held = await lock(holder)
        inside += 1
        most = Math.max(most, inside)
        await holder.read()
        await holder.read()
        turns += 1
        inside -= 1
        await held.release()
      }
      const holders = [storage, other, storage, other, other, storage]
      await within(Promise.all(holders.map(take)), 'each who waits gets the lock')
      assertEqual({ most, turns }, { most: 1, turns: holders.length }, 'never two at a time, and nobody is left out')
    },
  },
  {
    name: 'H1: a lock that is held is not given to the other holder',
    needs: ['lock'],
    async run({ storage, other }) {
      const held = await soon(storage)
      let given = false
      const waiting = lock(other).then((next) => {
        given = true
        return next
      })
      for (let turn = 0; turn < 5; turn += 1) await storage.read()
      assertEqual(given, false, 'the other waits')
      await held.release()
      const next = await within(waiting, 'once released, the lock goes to who waits')
      await next.release()
    },
  },
  {
    name: 'H1: a lock that is released twice frees nothing of the next holder',
    needs: ['lock'],
    async run({ storage, other }) {
      const held = await soon(storage)
      await held.release()
      const next = await soon(other)
      await held.release()
      let given = false
      const third = lock(storage).then((last) => {
        given = true
        return last
      })
      for (let turn = 0; turn < 5; turn += 1) await storage.read()
      assertEqual(given, false, 'the lock stays with its holder')
      await next.release()
      await (await within(third, 'and goes on from there')).release()
    },
  },
  {
    name: 'Q2: who stops waiting rejects with the signal’s reason, and is given nothing later',
    needs: ['lock'],
    async run({ storage, other }) {
      const held = await soon(storage)
      const reason = new Error('no more patience')
      const patience = new AbortController()
      const waiting = lock(other, { signal: patience.signal })
      const settled = waiting.then(
        () => 'given',
        (error: unknown) => error,
      )
      const next = lock(storage)
      await storage.read()
      patience.abort(reason)
      assertEqual(await within(settled, 'an aborted wait settles'), reason, 'it rejects with the reason of the signal')
      await held.release()
      await (await within(next, 'the lock goes to the one who still waits')).release()
      await (await soon(other)).release()
    },
  },
  {
    name: 'Q2: a signal that has fired already gets no lock',
    needs: ['lock'],
    async run({ storage, other }) {
      const reason = new Error('too late')
      const settled = lock(storage, { signal: AbortSignal.abort(reason) }).then(
        () => 'given',
        (error: unknown) => error,
      )
      assertEqual(await within(settled, 'it settles'), reason, 'it rejects with the reason of the signal')
      await (await soon(other)).release()
    },
  },
  {
    name: 'H3: aborting after the lock was given takes nothing away',
    needs: ['lock'],
    async run({ storage, other }) {
      const patience = new AbortController()
      const held = await soon(storage, { signal: patience.signal })
      patience.abort(new Error('not waiting any more'))
      let given = false
      const waiting = lock(other).then((next) => {
        given = true
        return next
      })
      for (let turn = 0; turn < 5; turn += 1) await storage.read()
      assertEqual(given, false, 'the lock is still held')
      await held.release()
      await (await within(waiting, 'and can be released')).release()
    },
  },
  {
    name: 'H3: the fallback lock is another lock',
    needs: ['lock'],
    async run({ storage, other }) {
      const held = await soon(storage)
      const fallback = await soon(other, { name: 'fallback' })
      let given = false
      const waiting = lock(storage, { name: 'fallback' }).then((next) => {
        given = true
        return next
      })
      for (let turn = 0; turn < 5; turn += 1) await storage.read()
      assertEqual(given, false, 'the fallback lock too is held by one at a time')
      await held.release()
      await fallback.release()
      await (await within(waiting, 'and handed on')).release()
    },
  },
  {
    name: 'H3: the next holder sees `unavailableUntil`, and a plain release forgets it',
    needs: ['lock'],
    async run({ storage, other }) {
      const until = 1_900_000_000_000
      const first = await soon(storage)
      assertEqual(first.unavailableUntil, undefined, 'nobody has left anything yet')
      const waiting = lock(other)
      await first.release(until)
      const second = await within(waiting, 'the lock is handed on')
      assertEqual(second.unavailableUntil, until, 'what the holder before left is seen by the next')
      await second.release()
      const third = await soon(storage)
      assertEqual(third.unavailableUntil, undefined, 'and forgotten after a plain release')
      await third.release()
    },
  },
]
