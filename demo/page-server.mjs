import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve } from 'tokenflight/testing'
import { startServers } from './servers.mjs'

const demoFolder = fileURLToPath(new URL('.', import.meta.url))
const root = join(demoFolder, '..')

const contentTypes = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.map', 'application/json'],
])

/**
 * Serves the page, and the servers it sends its requests to. They answer slowly enough to watch.
 * @param {object} [options]
 * @param {number} [options.port] defaults to a free one
 * @param {string} [options.packageFolder] the built package
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function startPage({ port = 0, packageFolder = join(root, 'dist') } = {}) {
  let url = ''
  const servers = await startServers({ cors: (origin) => origin === url, apiDelayMs: 90, tokenDelayMs: 700 })
  const folders = new Map([
    ['/demo/', demoFolder],
    ['/package/', packageFolder],
    ['/modules/axios/', join(root, 'node_modules/axios/dist/esm')],
    ['/modules/ky/', join(root, 'node_modules/ky/distribution')],
    ['/modules/mitt/', join(root, 'node_modules/mitt/dist')],
  ])
  const commands = new Map(Object.entries(servers.control))

  /** @param {Request} request */
  async function handle(request) {
    const { pathname } = new URL(request.url)
    if (request.method === 'POST') return command(request, pathname.replace('/control/', ''))
    if (pathname === '/') return file(join(demoFolder, 'page/index.html'))
    if (pathname === '/urls') return Response.json(servers.urls)
    if (pathname === '/counts') return counts(servers)
    for (const [prefix, folder] of folders) {
      // a URL's path has no `..` in it any more
      if (pathname.startsWith(prefix)) return file(join(folder, pathname.slice(prefix.length)))
    }
    return notFound()
  }

  /**
   * @param {Request} request
   * @param {string} name
   */
  async function command(request, name) {
    if (request.headers.get('origin') !== url) return new Response(null, { status: 403 })
    const run = commands.get(name)
    if (!run) return notFound()
    return Response.json((await Reflect.apply(run, undefined, await request.json())) ?? null)
  }

  const page = await serve(handle, { port }).catch(async (error) => {
    await servers.close()
    throw error
  })
  url = page.url
  return {
    url,
    async close() {
      await Promise.all([page.close(), servers.close()])
    },
  }
}

const notFound = () => new Response('Not found', { status: 404 })

/** @param {string} path */
async function file(path) {
  try {
    const headers = { 'content-type': contentTypes.get(extname(path)) ?? 'text/plain', 'cache-control': 'no-store' }
    return new Response(await readFile(path), { headers })
  } catch {
    return notFound()
  }
}

/**
 * The counts as they change, as server-sent events.
 * @param {import('./servers.mjs').Servers} servers
 */
function counts({ control, onCount }) {
  let stop = () => {}
  const stream = new ReadableStream({
    start(controller) {
      const send = async () =>
        controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(await control.counts())}\n\n`))
      stop = onCount(() => void send())
      return send()
    },
    cancel: () => stop(),
  })
  return new Response(stream, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}
