import type { KnipConfig } from 'knip'
import { subpaths } from './scripts/subpaths.mjs'

/** What their READMEs start. */
const examples =
  'examples/{server,{cli,express-cookies,two-tabs}/main,two-tabs/page/page,redis-servers/{main,one-server}}.mjs'

const config: KnipConfig = {
  entry: [
    ...subpaths.values(),
    'scripts/{test,demo,example,check,check-rooms,matrix}.mjs',
    'demo/{,page/}main.mjs',
    examples,
  ],
  project: [
    'src/**/*.{ts,tsx}',
    'tests/**/*.{ts,tsx,mjs}',
    '{scripts,demo}/**/*.mjs',
    'examples/{*.mjs,{cli,express-cookies,redis-servers,two-tabs}/**/*.mjs}',
  ],
  // apps of their own: `next build` checks them
  ignore: ['tests/package/fixture/**', 'tests/e2e-next/tutorial*/**'],
  // an interface that a public one speaks of is named by its users
  ignoreExportsUsedInFile: { interface: true, type: true },
  // of next-auth-5, whose version it has to be
  ignoreDependencies: ['@auth/core'],
  // installed where it is missing, see scripts/ensure-services.mjs
  ignoreBinaries: ['apt-get'],
}

export default config
