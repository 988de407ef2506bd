import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { HeldLock } from '../core/token-storage'
import { hasCode } from './has-code'
import { isOver, type LockClaim, ownClaim, parseClaim } from './lock-claim'

/** Between two looks at a lock that is held (ms); at random, so that those who wait do not march in step. */
const pauseMs = (): number => 10 + Math.random() * 30

/**
 * A lock for the processes of one machine. Each turn is a file in a directory, `name.1`, `name.2` …: when the newest turn was given
 * back, or its process is gone, whoever creates the next number holds the lock. Nothing is taken away from anyone, so no two can
 * clear away the lock of a third; a process that crashed keeps nothing, and one that is stopped keeps its turn.
 * @returns resolves once the lock is held; rejects with the signal's reason
 */
export function fileLock(directory: string, name: string): (signal: AbortSignal) => Promise<HeldLock> {
  const fileOf = (turn: number): string => join(directory, `${name}.${turn}`)

  async function turns(): Promise<number[]> {
    const files = await readdir(directory)
    return files.map((file) => Number(file.split(`${name}.`)[1])).filter(Number.isSafeInteger)
  }
  /** Whole or not at all: nobody ever reads half a claim. */
  async function put(turn: number, claim: LockClaim, place: typeof link | typeof rename): Promise<void> {
    const draft = join(directory, randomUUID())
    try {
      await writeFile(draft, JSON.stringify(claim), { mode: 0o600 })
      await place(draft, fileOf(turn))
    } finally {
      await rm(draft, { force: true })
    }
  }
  async function take(turn: number): Promise<boolean> {
    try {
      await put(turn, ownClaim(), link)
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false
      throw error
    }
    const all = await turns()
    // who was slow can create a number that was used and cleared away already: a newer one is there then
    const isOurs = Math.max(...all) === turn
    const leftOver = all.filter((one) => (isOurs ? one < turn : one === turn))
    await Promise.all(leftOver.map((one) => rm(fileOf(one), { force: true })))
    return isOurs
  }
  function hold(turn: number, left: number | undefined): HeldLock {
    let released = false
    return {
      ...(left !== undefined && { unavailableUntil: left }),
      async release(unavailableUntil) {
        if (released) return
        released = true
        await put(turn, unavailableUntil === undefined ? {} : { unavailableUntil }, rename)
      },
    }
  }
  return async (signal) => {
    signal.throwIfAborted()
    await mkdir(directory, { recursive: true, mode: 0o700 })
    for (;;) {
      const newest = Math.max(0, ...(await turns()))
      const claim = newest === 0 ? {} : await readClaim(fileOf(newest))
      if (claim !== undefined && isOver(claim) && (await take(newest + 1))) {
        const left = 'pid' in claim ? undefined : claim.unavailableUntil
        const held = hold(newest + 1, left)
        if (!signal.aborted) return held
        await held.release(left)
      }
      await delay(pauseMs(), undefined, { signal }).catch(() => {})
      signal.throwIfAborted()
    }
  }
}

/** `undefined` when a newer turn has cleared it away. */
async function readClaim(file: string): Promise<LockClaim | undefined> {
  try {
    return parseClaim(await readFile(file, 'utf8'))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
