import fc from 'fast-check'
import { it } from 'vitest'
import { createAuthClient } from '../../src/create-auth-client'
import { memoryStorage } from '../../src/storages/memory-storage'
import { sessionModel } from './run-model'

/** CI runs the same interleavings each time, so that a red run is about the change; elsewhere they are new ones. To run a failure again: `MODEL_SEED=… MODEL_PATH=… npx vitest run tests/model/session.model.test.ts`. */
const { CI, MODEL_RUNS = '2000', MODEL_SEED = CI ? '20261121' : undefined, MODEL_PATH } = process.env

it('keeps every rule, whatever happens in whatever order', { timeout: 300_000 }, async () => {
  await fc.assert(sessionModel({ createAuthClient, memoryStorage }), {
    numRuns: Number(MODEL_RUNS),
    ...(MODEL_SEED !== undefined && { seed: Number(MODEL_SEED) }),
    ...(MODEL_PATH !== undefined && { path: MODEL_PATH }),
  })
})
