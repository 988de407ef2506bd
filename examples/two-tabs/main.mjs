// Serves the page, and the package as it was built: no bundler is needed.
import { readFile } from 'node:fs/promises'
import { env } from 'node:process'
import { serve } from 'tokenflight/testing'

/** Where each path of the page comes from. @type {[prefix: string, folder: URL][]} */
const folders = [
  ['/tokenflight/', new URL('../../dist/', import.meta.url)],
  ['/mitt/', new URL('../../node_modules/mitt/dist/', import.meta.url)],
  ['/', new URL('page/', import.meta.url)],
]
const api = env['API_URL'] ?? 'http://127.0.0.1:4800'

/** @param {Request} request */
async function handle(request) {
  const { pathname } = new URL(request.url)
  const path = pathname === '/' ? '/index.html' : pathname
  const [prefix = '/', folder] = folders.find(([start]) => path.startsWith(start)) ?? []
  try {
    const content = await readFile(new URL(path.slice(prefix.length), folder), 'utf8')
    const type = path.endsWith('.html') ? 'text/html' : 'text/javascript'
    return new Response(content.replace('http://127.0.0.1:4800', api), { headers: { 'content-type': type } })
  } catch {
    return new Response('not found', { status: 404 })
  }
}

const { url } = await serve(handle, { port: Number(env['PORT'] ?? 4802) })
console.log(url.replace('127.0.0.1', 'localhost'))
