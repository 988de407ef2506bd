import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findServices } from '../scripts/ensure-services.mjs'

describe('the programs that tests drive', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tokenflight-services-'))
    vi.stubEnv('PATH', folder)
    vi.stubEnv('CI', '')
    vi.stubEnv('CHROMIUM_PATH', '')
    vi.stubEnv('REDIS_SERVER', '')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function install(name: string): string {
    const path = join(folder, name)
    writeFileSync(path, '')
    chmodSync(path, 0o755)
    return path
  }

  it('are found on the PATH, or where their variable says', () => {
    install('chromium')
    const chromium = install('my-own-chromium')
    const redis = install('redis-server')
    vi.stubEnv('CHROMIUM_PATH', chromium)
    expect(findServices()).toEqual({ CHROMIUM_PATH: chromium, REDIS_SERVER: redis })
  })

  it('are missed loudly, and their tests left out', () => {
    const redis = install('redis-server')
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    expect(findServices()).toEqual({ REDIS_SERVER: redis })
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/apt-get install chromium.*CHROMIUM_PATH/))
  })

  it('are missed with an error in CI', () => {
    install('chromium')
    vi.stubEnv('CI', 'true')
    expect(findServices).toThrow(/apt-get install redis-server.*REDIS_SERVER/)
  })

  it('are an error where their variable names no program', () => {
    vi.stubEnv('REDIS_SERVER', join(folder, 'gone'))
    expect(findServices).toThrow(/REDIS_SERVER is set to/)
  })
})
