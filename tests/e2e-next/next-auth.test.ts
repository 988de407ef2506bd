import { afterAll, beforeAll, describe } from 'vitest'
import { type PackedProject, packProject } from './installed-example'
import { type Stage, startStage } from './stage'
import { tutorialRows } from './tutorial-rows'
import { versions } from './versions'

let project: PackedProject
let stage: Stage
beforeAll(async () => {
  project = await packProject()
  stage = await startStage()
}, 120_000)
afterAll(async () => {
  await stage?.close()
  await project?.remove()
})

describe.each(versions)('next-auth $version', ({ example, tutorial }) => {
  let home: Awaited<ReturnType<PackedProject['install']>>
  beforeAll(async () => {
    home = await project.install(example)
  }, 120_000)

  describe("before: the tutorial's app", () =>
    tutorialRows(async () => {
      const app = await home.build(tutorial, { NEXT_PUBLIC_API_URL: stage.backendUrl })
      return { stage, servers: { home: home.home, app } }
    }))
})
