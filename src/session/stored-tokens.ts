import type { Clock } from '../core/clock'
import { isPromise, type MaybePromise } from '../core/maybe-promise'
import { parseStored } from '../core/parse-stored'
import { isSameSession } from '../core/same-session'
import type { StoredSession } from '../core/session-state'
import { sameTokens, type TokenSet } from '../core/token-set'
import type { TokenStorage } from '../core/token-storage'
import type { StorageCalls } from './storage-calls'

/** A storage, and what this client knows of what it holds. */
export interface StoredTokens {
  /** Tries a write again that failed before, then reads. */
  read(): MaybePromise<StoredSession>
  /** Stores a new sign-in, whatever was there: that counts as replaced. */
  write(tokens: TokenSet): MaybePromise<void>
  /** Stores the next tokens of the session unless somebody else was faster: then `false`. */
  replace(previous: TokenSet | undefined, next: TokenSet): Promise<boolean>
  /** Clears what is stored if it belongs to this session; `latest` also when others have refreshed it. Resolves with what was there. */
  clear(ours: TokenSet | undefined, latest: boolean): Promise<TokenSet | undefined>
  /** Is this something the session does not know yet? What it replaced or ended itself is not. */
  isNews(found: StoredSession): boolean
  /** The session that is not in reach here, once it was refused: it is not asked for again. */
  refuse(): void
  /** Newer tokens of the same session were found: these count as replaced, should the storage ever show them again. */
  outlive(before: TokenSet): void
  /** Another session was found: the one before counts as replaced. */
  forget(before: TokenSet): void
  /** The id of a session whose tokens are not in reach here. */
  sessionId(): string | undefined
}

/** A storage that lags can show old sets again; so many are remembered. */
const remembered = 10

interface OwedWrite {
  readonly isSignIn: boolean
  run(): MaybePromise<unknown>
}

export function createStoredTokens(storage: TokenStorage, calls: StorageCalls, clock: Clock): StoredTokens {
  /** What the storage holds, as far as this client knows: what `replace` expects. */
  let known: TokenSet | undefined
  /** What this client wrote last, or is writing: storages may call back for own writes, even in the middle of one. */
  let written: TokenSet | undefined
  let sessionId: string | undefined
  let owed: OwedWrite | undefined
  /** How many writes are under way: storages may call back before what is written is there to be read. */
  let writing = 0
  /** Of all writes so far: one that fails when another has begun is not tried again, as that one takes its place. */
  let begun = 0
  let replaced: TokenSet[] = []
  let ended: string[] = []

  const parse = (value: unknown): StoredSession => parseStored(value, clock.now())
  const readNow = (): MaybePromise<StoredSession> => {
    const value = calls(() => storage.read())
    return isPromise(value) ? value.then(parse) : parse(value)
  }
  function remember(tokens: TokenSet | undefined): void {
    if (tokens) replaced = [...replaced, tokens].slice(-remembered)
  }
  function forget(before: TokenSet | undefined): void {
    remember(before)
    owed = undefined
    sessionId = undefined
  }
  function end(id: string | undefined): void {
    if (id !== undefined) ended = [...ended, id].slice(-remembered)
  }
  async function replaceNow(expected: TokenSet, next: TokenSet | undefined): Promise<boolean> {
    if (storage.replace) return storage.replace(expected, next)
    const found = parse(await storage.read())
    if (found.kind !== 'tokens' || !sameTokens(found.tokens, expected)) return false
    await storage.write(next)
    return true
  }
  const replaceStored = (expected: TokenSet, next: TokenSet | undefined): MaybePromise<boolean> =>
    calls(() => replaceNow(expected, next))

  /** F4: what fails is owed until the next look. */
  async function settle<T>(run: () => MaybePromise<T>, isSignIn = false): Promise<T> {
    // what is written now takes its place, also for a look that the storage asks for in the middle of the write
    owed = undefined
    begun += 1
    const mine = begun
    writing += 1
    try {
      const result = await run()
      owed = undefined
      return result
    } catch (error) {
      if (mine === begun) owed = { isSignIn, run }
      throw error
    } finally {
      writing -= 1
    }
  }
  async function writeAll(tokens: TokenSet | undefined, isSignIn = false): Promise<void> {
    written = tokens
    await settle(() => calls(() => storage.write(tokens)), isSignIn)
    known = tokens
  }

  async function payAndRead(write: OwedWrite): Promise<StoredSession> {
    // not owed while it is being tried: storages may call back for own writes
    owed = undefined
    const before = begun
    try {
      await write.run()
    } catch {
      // it was reported when it failed first
      if (begun === before) owed ??= write
    }
    return readNow()
  }

  /** To be made as one call: a sign-in that follows must not come between its reading and its clearing. */
  async function clearLatest(ours: TokenSet | undefined, last: TokenSet | undefined): Promise<TokenSet | undefined> {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const value = storage.read()
      // at once where that can be: so a storage that calls back is read at once as well
      const found = parse(isPromise(value) ? await value : value)
      // cleared by another one, who may be signing in again by now
      if (found.kind === 'nothing' && ours) return ours
      if (found.kind !== 'tokens') break
      if (ours && !isSameSession(ours, found.tokens)) return ours
      end(found.tokens.sessionId)
      if (await replaceNow(found.tokens, undefined)) {
        known = undefined
        return found.tokens
      }
    }
    await clearNow(last)
    return ours
  }
  async function clearOneOf(candidates: readonly (TokenSet | undefined)[]): Promise<void> {
    for (const tokens of candidates) {
      if (!tokens || !(await replaceNow(tokens, undefined))) continue
      known = undefined
      return
    }
  }
  /** Unless more was written since `last`: what comes to its end after its time is too late. */
  async function clearNow(last: TokenSet | undefined): Promise<void> {
    if (written !== last) return
    await storage.write(undefined)
    known = undefined
  }

  return {
    read: () => (owed ? payAndRead(owed) : readNow()),
    write(tokens) {
      forget(known)
      return writeAll(tokens, true)
    },
    async replace(previous, next) {
      const expected = known ?? previous
      const isSignIn = owed?.isSignIn === true
      remember(previous)
      if (!expected || isSignIn) {
        await writeAll(next, isSignIn)
        return true
      }
      written = next
      const done = await settle(() => replaceStored(expected, next))
      if (done) known = next
      return done
    },
    async clear(ours, latest) {
      owed = undefined
      // what this client is still writing has to go as well
      const own = [known ?? ours, written]
      remember(ours)
      if (!latest) {
        await settle(() => calls(() => clearOneOf(own)))
        return ours
      }
      end(ours?.sessionId ?? sessionId)
      const last = written
      return settle(() =>
        calls(() =>
          clearLatest(ours, last).catch(async () => {
            // it must go, whether it can be read or not
            await clearNow(last)
            return ours
          }),
        ),
      )
    },
    isNews(found) {
      if (owed?.isSignIn) return false
      switch (found.kind) {
        case 'tokens':
          known = found.tokens
          if (found.tokens.sessionId !== undefined && ended.includes(found.tokens.sessionId)) return false
          return ![written, ...replaced].some((tokens) => tokens && sameTokens(tokens, found.tokens))
        case 'elsewhere':
          sessionId = found.sessionId
          return !ended.includes(found.sessionId)
        default:
          if (owed || writing > 0) return false
          known = undefined
          return true
      }
    },
    refuse: () => end(sessionId),
    outlive: remember,
    forget,
    sessionId: () => sessionId,
  }
}
