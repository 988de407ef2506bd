// What runs in each process: bundled and forked by processes.ts.
import { createAuthClient } from '../../src'
import type { HeldLock, TokenStorage } from '../../src/core/token-storage'
import { fileLock } from '../../src/sharing/file-lock'
import { fileStorage } from '../../src/storages/file'
import { heldSteps } from '../support/held-steps'
import { serveMethods } from '../support/serve-methods'

export interface StartOptions {
  readonly baseUrl: string
  readonly path: string
  readonly refreshTimeoutMs: number
}

let auth: ReturnType<typeof createAuthClient>
let storage: TokenStorage
const steps = heldSteps()
const said: string[] = []
const held: HeldLock[] = []

const methods = {
  start({ baseUrl, path, refreshTimeoutMs }: StartOptions): void {
    storage = steps.over(fileStorage({ path }))
    auth = createAuthClient({
      baseUrl,
      storage,
      refreshTimeoutMs,
      refreshRetries: 0,
      refresh: ({ refreshToken, fetch, signal }) =>
        fetch('/token', {
          method: 'POST',
          body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
          signal,
        }),
    })
    auth.on('*', (name) => said.push(name))
  },
  ready: async () => (await auth.ready()).status,
  signIn: async (tokens: { access_token: string }) => auth.signIn(tokens),
  signOut: async () => void (await auth.signOut()),
  storm: (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        auth.fetch(`/api/${n}`).then(
          ({ status }) => status,
          (error: { code?: string }) => error.code ?? String(error),
        ),
      ),
    ),
  status: async () => auth.state.status,
  said: async () => said,
  accessToken: async () => auth.getTokens()?.accessToken,
  /** Takes the lock that every write takes, and keeps it. */
  holdWriteLock: async (path: string) =>
    void held.push(await fileLock(`${path}.lock`, 'write')(new AbortController().signal)),
  /** Adds one to a number in the file, so often; each time under the lock. */
  async count(times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) {
      const lock = await storage.lock?.(new AbortController().signal)
      const found = (await storage.read()) as { accessToken: string }
      await storage.replace?.(found, { accessToken: String(Number(found.accessToken) + 1) })
      await lock?.release()
    }
  },
  /** Resolves when this process has come to that step, where it then stays. */
  hold: steps.hold,
  go: steps.go,
} as const

export type Methods = typeof methods

serveMethods(methods)
