import { spawn } from 'node:child_process'
import { cp, mkdtemp, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { root } from '../../scripts/ensure-install.mjs'
import { packPackage } from '../../scripts/pack-package.mjs'

export interface ExampleResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

type Environment = Readonly<Record<string, string>>

/** A clone of the project as its examples see it: built, with its dependencies. */
export interface ProjectCopy {
  /** Runs an example to its end. */
  run(args: readonly string[], env: Environment): Promise<ExampleResult>
  /** Starts one that stays; resolves with the first URLs that it prints. It is stopped at the end of the test. */
  start(args: readonly string[], env: Environment, urls?: number): Promise<readonly [string, ...string[]]>
  remove(): Promise<void>
}

export async function copyProject(): Promise<ProjectCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenflight-examples-'))
  const project = join(folder, 'project')
  await rename(packPackage(folder), project)
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'))
  for (const name of ['server.mjs', 'refresh.mjs', 'cli', 'express-cookies', 'redis-servers', 'two-tabs']) {
    await cp(join(root, 'examples', name), join(project, 'examples', name), { recursive: true })
  }
  const launch = (args: readonly string[], env: Environment) => {
    const child = spawn(process.execPath, args, { cwd: project, env: { ...process.env, ...env }, detached: true })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    return { child, ended, output: () => ({ stdout, stderr }) }
  }
  return {
    async run(args, env) {
      const { ended, output } = launch(args, env)
      const code = await ended
      return { code, ...output() }
    },
    async start(args, env, urls = 1) {
      const { child, ended, output } = launch(args, env)
      onTestFinished(async () => {
        // its whole group: an example may have processes of its own
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
        await ended
      })
      return new Promise((resolve, reject) => {
        child.stdout.on('data', () => {
          const [first, ...others] = output().stdout.match(/http:\/\/[\w.]+:\d+/g) ?? []
          if (first !== undefined && others.length + 1 >= urls) resolve([first, ...others])
        })
        void ended.then(() => reject(new Error(`it ended: ${output().stderr}`)))
      })
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
