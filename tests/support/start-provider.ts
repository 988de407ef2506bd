import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export interface TestProvider {
  readonly issuer: string
  /** A refresh token without a browser, as a sign-in would have given it. */
  mintRefreshToken(): Promise<string>
  close(): Promise<void>
}

const scope = 'openid offline_access'

/** A certified OpenID Provider on loopback: rotating refresh tokens, reuse detection, revocation. */
export async function startProvider(): Promise<TestProvider> {
  let handler: RequestListener = (_request, response) => void response.writeHead(503).end()
  const server = createServer((request, response) => handler(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    // the default keeps expired tokens alive for a while
    clockTolerance: 0,
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    ttl: { AccessToken: 300, RefreshToken: 3600, Grant: 3600, IdToken: 60, Session: 3600 },
    cookies: { keys: ['test-only'] },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true, allowedPolicy: () => true } },
  })
  handler = provider.callback()
  return {
    issuer,
    async mintRefreshToken() {
      const client = await provider.Client.find('app')
      if (!client) throw new Error('the client is configured above')
      const grant = new provider.Grant({ accountId: 'ada', clientId: 'app' })
      grant.addOIDCScope(scope)
      const grantId = await grant.save()
      const token = new provider.RefreshToken({ accountId: 'ada', client, grantId, scope, gty: 'authorization_code' })
      return token.save()
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
