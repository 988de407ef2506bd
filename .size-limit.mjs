import { existsSync, readFileSync } from 'node:fs'

/** The chunks of dist that `tokenflight` itself consists of: every other subpath comes on top of it. */
function sharedChunks(file = 'index.js', seen = new Set()) {
  const code = readFileSync(new URL(`dist/${file}`, import.meta.url), 'utf8')
  for (const [, chunk] of code.matchAll(/from "\.\/(chunk-[^"]+)"/g)) {
    if (!seen.has(chunk)) sharedChunks(chunk, seen.add(chunk))
  }
  return [...seen].flatMap((chunk) => [`./${chunk}`, `../${chunk}`])
}

const esm =
  (...external) =>
  (config) => ({
    ...config,
    format: 'esm',
    external: [...(config.external ?? []), 'node:*', ...external],
    logOverride: { 'ignored-bare-import': 'silent' },
  })

/** What a subpath adds to an app that has `tokenflight` already. */
const onTop = (name, names, limit, ...peers) => ({
  name: `tokenflight/${name}`,
  path: `dist/${name}.js`,
  import: `{ ${names} }`,
  limit,
  modifyEsbuildConfig: esm(...sharedChunks(), ...peers, ...peers.map((peer) => `${peer}/*`)),
})

/** Minified and compressed with Brotli; peer dependencies are not counted. */
export default [
  {
    name: 'tokenflight',
    path: 'dist/index.js',
    import: '{ createAuthClient }',
    limit: '20.3 kB',
    modifyEsbuildConfig: esm(),
  },
  onTop('axios', 'axiosWithAuth', '4.5 kB'),
  onTop('ky', 'kyWithAuth', '0.4 kB'),
  onTop('web-storage', 'webStorage', '2 kB'),
  onTop('file', 'fileStorage', '2 kB'),
  onTop('key-value', 'keyValueStorage', '1 kB'),
  onTop('cookies', 'cookieStorage', '4 kB'),
  onTop('react', 'AuthProvider, useAuth, useRequireAuth', '1 kB', 'react'),
  onTop(
    'react-query',
    'authQueryOptions, authInfiniteQueryOptions, authRetry, connectQueryClient',
    '2.6 kB',
    '@tanstack/react-query',
  ),
  onTop('redis', 'redisStorage', '3.2 kB'),
  onTop('next-auth', 'nextAuthSession', '5 kB'),
  onTop('next-auth/server', 'createNextAuthServer', '9 kB'),
].filter(({ path }) => existsSync(new URL(path, import.meta.url)))
