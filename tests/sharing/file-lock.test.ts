import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { fileLock } from '../../src/sharing/file-lock'
import { ownClaim } from '../../src/sharing/lock-claim'

vi.mock('node:fs/promises', async (original) => ({ ...(await original<typeof fs>()), readFile: vi.fn() }))
const { readFile } = await vi.importActual<typeof fs>('node:fs/promises')

it('H1: who was slow does not hold a turn that was used and cleared away meanwhile', async () => {
  const directory = await fs.mkdtemp(join(tmpdir(), 'file-lock-'))
  const file = (turn: number): string => join(directory, `refresh.${turn}`)
  await fs.writeFile(file(1), '{}')
  // between its look at turn 1 and its claim of turn 2, others take turns 2 and 3
  vi.mocked(fs.readFile).mockImplementation(async (path, options) => {
    const found = await readFile(path, options)
    if (path === file(1)) {
      await fs.writeFile(file(3), JSON.stringify(ownClaim()))
      await fs.rm(file(1))
    }
    return found
  })
  await expect(fileLock(directory, 'refresh')(AbortSignal.timeout(200))).rejects.toThrow()
  expect(await fs.readdir(directory)).toEqual(['refresh.3'])
  await fs.rm(directory, { recursive: true })
})
