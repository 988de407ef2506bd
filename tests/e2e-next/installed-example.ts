import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../scripts/ensure-install.mjs'
import { packPackage } from '../../scripts/pack-package.mjs'

const run = promisify(execFile)

/** A copy of an example with what it depends on, tokenflight from its packed tarball; apps are built beside each other in it. */
export interface InstalledExample {
  readonly home: string
  /** Builds an app from these folders of the project, the later over the earlier, and returns its name in `home`. */
  build(folders: readonly string[], env: Readonly<Record<string, string>>): Promise<string>
}

/** A clone of the project as its examples see it: the package two folders above. */
export interface PackedProject {
  install(example: string): Promise<InstalledExample>
  remove(): Promise<void>
}

const installFiles = ['package.json', 'package-lock.json', '.npmrc']
const notSources = new Set([...installFiles, 'node_modules', '.next', 'next-env.d.ts', 'README.md'])

export async function packProject(): Promise<PackedProject> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenflight-next-'))
  const project = join(folder, 'project')
  await rename(packPackage(folder), project)
  return {
    install: (example) => install(join(root, 'examples', example), join(project, 'examples', example)),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function install(from: string, home: string): Promise<InstalledExample> {
  await mkdir(home, { recursive: true })
  for (const file of installFiles) await cp(join(from, file), join(home, file))
  await command('npm', ['ci', '--no-audit', '--no-fund', '--include=dev', '--prefer-offline'], home)
  let apps = 0
  return {
    home,
    async build(folders, env) {
      apps += 1
      const app = `app-${apps}`
      for (const source of folders) await copySources(join(root, source), join(home, app))
      await command(process.execPath, ['node_modules/next/dist/bin/next', 'build', app], home, env)
      return app
    },
  }
}

async function copySources(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const name of await readdir(from)) {
    if (!notSources.has(name)) await cp(join(from, name), join(to, name), { recursive: true })
  }
}

async function command(file: string, args: readonly string[], cwd: string, env = {}): Promise<void> {
  try {
    await run(file, args, {
      cwd,
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
    })
  } catch (error) {
    throw new Error(`${file} ${args.join(' ')} failed:\n${outputOf(error)}`)
  }
}

const outputOf = (error: unknown): string =>
  error instanceof Error && 'stdout' in error && 'stderr' in error ? `${error.stdout}${error.stderr}` : String(error)
