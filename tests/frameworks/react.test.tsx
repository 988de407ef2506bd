import { renderToString } from 'react-dom/server'
import { createAuthClient } from 'tokenflight'
import { AuthProvider, useAuth, useRequireAuth } from 'tokenflight/react'
import { expect, it, vi } from 'vitest'

function Page({ leave }: { leave: () => void }) {
  const { status, reason } = useAuth()
  useRequireAuth({ onUnauthenticated: leave })
  return <p>{`${status} ${reason}`}</p>
}

it.each(['signedIn', 'signedOut'])(
  'C1, H5: a server shows nobody’s session: restoring, also where the client is %s',
  async (status) => {
    const refresh = vi.fn()
    const leave = vi.fn()
    const auth = createAuthClient({ baseUrl: 'https://api.example', refresh })
    await auth.signIn({ accessToken: 'of-one-request' })
    if (status === 'signedOut') await auth.signOut()
    const subscribe = vi.spyOn(auth, 'subscribe')
    const html = renderToString(
      <AuthProvider auth={auth}>
        <Page leave={leave} />
      </AuthProvider>,
    )
    expect(html).toBe('<p>restoring undefined</p>')
    expect([
      auth.state.status,
      subscribe.mock.calls.length,
      refresh.mock.calls.length,
      leave.mock.calls.length,
    ]).toEqual([status, ...[0, 0, 0]])
  },
)
