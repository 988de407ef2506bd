import { rm } from 'node:fs/promises'
import { relative } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { root } from '../../scripts/ensure-install.mjs'
import { migratedTutorial } from '../support/migrated-tutorial'
import { type InstalledExample, type PackedProject, packProject } from './installed-example'
import { migratedRows } from './migrated-rows'
import { sessionRows } from './session-rows'
import { type Stage, startStage } from './stage'
import { tutorialRows } from './tutorial-rows'
import { versions } from './versions'

let project: PackedProject
let stage: Stage
beforeAll(async () => {
  project = await packProject()
  stage = await startStage()
})
afterAll(async () => {
  await stage?.close()
  await project?.remove()
})

describe.each(versions)('next-auth $version', ({ version, example, tutorial }) => {
  let installed: InstalledExample
  beforeAll(async () => {
    installed = await project.install(example)
  })

  async function build(folders: readonly string[]) {
    const { home, build } = installed
    const app = await build(folders, { NEXT_PUBLIC_API_URL: `${stage.backendUrl}/api` })
    return { stage, servers: { home, app } }
  }

  describe("before: the tutorial's app", () => tutorialRows(() => build(tutorial)))
  describe("after: the tutorial's app with the lines of docs/next-auth.md", () =>
    migratedRows(async () => {
      const app = await migratedTutorial(version)
      const built = await build([relative(root, app)])
      await rm(app, { recursive: true })
      return built
    }))
  describe("after: the example's app", () => sessionRows(() => build([`examples/${example}`])))
})
