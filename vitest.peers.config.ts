import { mergeConfig } from 'vitest/config'
import config from './vitest.config'

/** The tests with the oldest axios that is supported, and with the major version of ky after the one we develop with. */
export default mergeConfig(config, {
  resolve: {
    alias: [
      { find: /^axios$/, replacement: 'axios-1.7' },
      { find: /^ky$/, replacement: 'ky-2' },
    ],
  },
})
