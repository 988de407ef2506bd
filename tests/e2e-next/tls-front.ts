import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { promisify } from 'node:util'
import { freePort } from '../support/free-port'

/** What ends TLS before a server on plain http, as a load balancer does. */
export interface TlsFront {
  readonly url: string
  /** Where that server has to listen. */
  readonly port: number
  close(): Promise<void>
}

/** On the loopback, with a certificate of its own making that nobody trusts. */
export async function startTlsFront(): Promise<TlsFront> {
  const [port, securePort] = [await freePort(), await freePort()]
  const open = new Set<Socket>()
  const server = createServer(await makeCertificate(), (secure) => {
    open.add(secure.once('close', () => open.delete(secure)))
    const plain = connect(port, '127.0.0.1')
    secure.pipe(plain).pipe(secure)
    secure.on('error', () => plain.destroy())
    plain.on('error', () => secure.destroy())
  })
  await new Promise<void>((resolve) => server.listen(securePort, '127.0.0.1', resolve))
  return {
    url: `https://localhost:${securePort}`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

async function makeCertificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenflight-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  await promisify(execFile)('openssl', ['req', ...request, ...names, '-keyout', key, '-out', cert])
  const made = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  await rm(folder, { recursive: true })
  return made
}
