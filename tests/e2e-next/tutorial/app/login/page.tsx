'use client'

import { signIn } from 'next-auth/react'
import type { FormEvent } from 'react'

export default function Login() {
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
    <form onSubmit={submit}>
      <input name="user" aria-label="User" />
      <input name="password" type="password" aria-label="Password" />
      <button type="submit">Sign in</button>
    </form>
  )
}
