'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { readResponse } from 'tokenflight/react-query'
import { auth } from '@/lib/auth-client'
import { notesQuery } from '@/lib/queries'

/** A list and a mutation: a POST that is refused is sent again, body and all. */
export function Notes() {
  const queryClient = useQueryClient()
  const { data = [] } = useQuery(notesQuery)
  const add = useMutation({
    mutationFn: async (title: string) =>
      readResponse(await auth.fetch('/notes', { method: 'POST', body: JSON.stringify({ title }) })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: notesQuery.queryKey }),
  })

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    add.mutate(String(new FormData(form).get('title')), { onSuccess: () => form.reset() })
  }

  return (
    <section className="panel">
      <h2>Notes</h2>
      <ul className="notes">
        {data.map(({ id, title, by }) => (
          <li key={id}>
            {title} <small>{by}</small>
          </li>
        ))}
      </ul>
      <form className="bar" onSubmit={submit}>
        <input name="title" aria-label="Note" placeholder="A note" required />
        <button type="submit" disabled={add.isPending}>
          Add
        </button>
      </form>
      {add.error && <p className="failure">{add.error.message}</p>}
    </section>
  )
}
