// One session in all tabs of this page: open it twice.
import { createAuthClient } from 'tokenflight'
import { webStorage } from 'tokenflight/web-storage'

const api = document.querySelector('meta[name=api]')?.getAttribute('content') ?? ''
const auth = createAuthClient({
  baseUrl: api,
  storage: webStorage({ area: 'local', key: 'two-tabs' }),
  refresh: ({ refreshToken, fetch, signal }) =>
    fetch('/token', {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
      signal,
    }),
})

/** @param {string} id */
const show = (id, text = '') => {
  const element = document.getElementById(id)
  if (element) element.textContent = text
}
/** @param {string} id @param {() => Promise<unknown>} task */
const onClick = (id, task) => document.getElementById(id)?.addEventListener('click', task)

/** @type {string[]} */
const heard = []
auth.on('*', (name) => {
  heard.push(name)
  show('heard', heard.join(', '))
})
auth.subscribe(() => show('status', auth.state.status))
show('status', auth.state.status)

onClick('login', async () => {
  const login = await auth.fetch('/auth/login', {
    method: 'POST',
    body: new URLSearchParams({ user: 'alice' }),
    authenticate: false,
  })
  await auth.signIn(login)
})
onClick('call', async () => {
  show('answers')
  const answers = await Promise.all([1, 2, 3].map((n) => auth.fetch(`/api/${n}`)))
  show('answers', answers.map(({ status }) => status).join(' '))
})
onClick('logout', () => auth.signOut())
