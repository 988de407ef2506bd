import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { NextConfig } from 'next'

const config: NextConfig = {
  devIndicators: false,
  // the folder of node_modules, also where one further up has a lockfile
  turbopack: { root: join(createRequire(import.meta.url).resolve('next/package.json'), '../../..') },
}

export default config
