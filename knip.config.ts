import type { KnipConfig } from 'knip'
import { subpaths } from './scripts/subpaths.mjs'

const config: KnipConfig = {
  entry: [...subpaths.values(), 'scripts/{test,demo,check,check-rooms,matrix}.mjs', 'demo/{,page/}main.mjs'],
  project: ['src/**/*.{ts,tsx}', 'tests/**/*.{ts,tsx}', '{scripts,demo}/**/*.mjs'],
  // an interface that a public one speaks of is named by its users
  ignoreExportsUsedInFile: { interface: true, type: true },
  // of next-auth-5, whose version it has to be
  ignoreDependencies: ['@auth/core'],
  // installed where it is missing, see scripts/ensure-services.mjs
  ignoreBinaries: ['apt-get'],
}

export default config
