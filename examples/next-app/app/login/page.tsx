'use client'

import { signIn, useSession } from 'next-auth/react'
import type { FormEvent } from 'react'

export default function Login() {
  // next-auth makes a CSRF token for each request that has none yet: one under way would replace the sign-in's
  const { status } = useSession()

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    await signIn('credentials', {
      user: fields.get('user'),
      password: fields.get('password'),
      callbackUrl: '/dashboard',
    })
  }

  return (
    <main className="centered">
      <h1>Sign in</h1>
      <form className="panel form" onSubmit={submit}>
        <label>
          User
          <input name="user" defaultValue="demo" autoComplete="username" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <button type="submit" disabled={status === 'loading'}>
          Sign in
        </button>
        <small>Any password will do.</small>
      </form>
    </main>
  )
}
