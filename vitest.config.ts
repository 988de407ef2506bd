import { join } from 'node:path'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { root } from './scripts/ensure-install.mjs'
import { findServices } from './scripts/ensure-services.mjs'
import { subpaths } from './scripts/subpaths.mjs'

const services = findServices()

const browserProject = (executablePath: string): TestProjectInlineConfiguration => ({
  extends: true,
  optimizeDeps: {
    include: [
      ...['mitt', 'axios', 'ky', 'zod', 'swr', '@tanstack/react-query', '@testing-library/react'],
      ...['react', 'react/jsx-dev-runtime', 'react-dom', 'react-dom/client', 'react-dom/server'],
    ],
  },
  test: {
    name: 'browser',
    include: ['tests/browser/**/*.test.{ts,tsx}'],
    globalSetup: ['tests/support/browser-servers.ts'],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath,
          args: [
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
          ],
        },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
})

export default defineConfig({
  resolve: {
    // tests import as users do, and get the sources
    alias: [...subpaths].map(([path, source]) => ({ find: new RegExp(`^${path}$`), replacement: join(root, source) })),
  },
  test: {
    restoreMocks: true,
    unstubGlobals: true,
    unstubEnvs: true,
    testTimeout: 15_000,
    hookTimeout: 30_000,
    // a deadline, for slow machines: what comes is seen at once
    expect: { poll: { timeout: 10_000 } },
    // CHROMIUM_PATH and REDIS_SERVER are set in tests where the program was found
    env: { ...services },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: ['tests/{nock,browser,package,e2e-next,processes,e2e-redis,examples}/**'],
          // `npm run types` reports the sources' own errors
          typecheck: {
            enabled: true,
            include: ['tests/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
            ignoreSourceErrors: true,
          },
        },
      },
      // apart, since importing nock patches fetch and node:http
      { extends: true, test: { name: 'nock', include: ['tests/nock/**/*.test.ts'] } },
      // several Node processes each, with deadlines in real time: one file after another
      {
        extends: true,
        test: {
          name: 'processes',
          include: ['tests/{processes,e2e-redis,examples}/**/*.test.ts'],
          testTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      // builds: after the others, so that their machine is quiet
      {
        extends: true,
        test: {
          name: 'package',
          include: ['tests/package/**/*.test.ts'],
          hookTimeout: 120_000,
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      // builds apps and serves them: last
      {
        extends: true,
        test: {
          name: 'next',
          include: services.CHROMIUM_PATH ? ['tests/e2e-next/**/*.test.ts'] : [],
          hookTimeout: 300_000,
          testTimeout: 60_000,
          expect: { poll: { timeout: 15_000 } },
          sequence: { groupOrder: 2 },
        },
      },
      ...(services.CHROMIUM_PATH ? [browserProject(services.CHROMIUM_PATH)] : []),
    ],
  },
})
