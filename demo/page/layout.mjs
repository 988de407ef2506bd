import { clientNames } from '../session.mjs'

/** @typedef {import('./recorder.mjs').Recording} Recording */
/** @typedef {import('./recorder.mjs').Track} Track */

/** @typedef {'sent' | 'refused' | 'waiting' | 'resent'} Kind what a request is doing */

/** @typedef {{ from: number, to: number, kind: Kind }} Span in ms since the first request */

/** @typedef {{ row: number, group: number, path: string, spans: Span[], answer?: string }} Bar */

/**
 * Where everything is, without pixels.
 * @typedef {object} Layout
 * @property {number} duration ms
 * @property {number} rows
 * @property {{ client: string, row: number, group: number }[]} groups the clients, each with its first row
 * @property {Bar[]} bars
 * @property {{ from: number, to: number, end?: string, waiters: number, attempts: { from: number, to: number, status?: number }[] }[]} flights
 * @property {{ at: number, label: string }[]} marks
 */

const shortest = 1_500
const shortestWait = 20

/**
 * @param {Recording} recording
 * @param {number} now ms of the page
 * @returns {Layout}
 */
export function layOut({ tracks, flights, marks }, now) {
  const start = Math.min(...tracks.map(({ from }) => from), now)
  const since = (/** @type {number | undefined} */ at) => (at ?? now) - start
  const ends = [...tracks, ...flights].map(({ to }) => since(to))
  const duration = Math.max(shortest, ...ends) * 1.02
  const { groups, placeOf, rows } = placeInRows(tracks)
  return {
    duration,
    rows,
    groups,
    bars: tracks.map((track) => ({
      ...(placeOf.get(track) ?? { row: 0, group: 0 }),
      path: track.path,
      spans: spansOf(track, now).map(({ from, to, kind }) => ({ from: since(from), to: since(to), kind })),
      ...(track.answer !== undefined && { answer: track.answer }),
    })),
    flights: flights.map(({ from, to, end, waiters = 0, attempts }) => ({
      from: since(from),
      to: since(to),
      ...(end && { end }),
      waiters,
      attempts: attempts.map((attempt) => ({ ...attempt, from: since(attempt.from), to: since(attempt.to) })),
    })),
    marks: marks.map(({ at, label }) => ({ at: since(at), label })).filter(({ at }) => at > 0 && at < duration),
  }
}

/**
 * What the request was doing, from its call to its answer: sent, or waiting in between.
 * @param {Track} track
 * @param {number} now
 * @returns {Span[]}
 */
function spansOf(track, now) {
  const { from, to = now, sendings } = track
  /** @type {Span[]} */
  const spans = []
  let at = from
  for (const [index, sending] of sendings.entries()) {
    const end = sending.to ?? now
    spans.push(
      { from: at, to: sending.from, kind: 'waiting' },
      { from: sending.from, to: end, kind: kindOf(sending, index) },
    )
    at = end
  }
  const last = spans.at(-1)
  // what comes after an answer that is handed out is the reading of its body
  if (last && last.kind !== 'refused' && sendings.at(-1)?.status !== undefined) last.to = to
  else spans.push({ from: at, to, kind: 'waiting' })
  return spans.filter(({ from, to, kind }) => kind !== 'waiting' || to - from > shortestWait)
}

/**
 * @param {import('./recorder.mjs').Sending} sending
 * @param {number} index
 * @returns {Kind}
 */
function kindOf({ status }, index) {
  if (status === 401) return 'refused'
  return index === 0 ? 'sent' : 'resent'
}

/**
 * A group of rows for each client; a request takes the first row that is free again.
 * @param {readonly Track[]} tracks
 */
function placeInRows(tracks) {
  /** @type {Map<Track, { row: number, group: number }>} */
  const placeOf = new Map()
  /** @type {Layout['groups']} */
  const groups = []
  let rows = 0
  for (const [group, client] of clientNames.entries()) {
    /** @type {number[]} */
    const freeAt = []
    for (const track of tracks.filter((it) => it.client === client)) {
      const free = freeAt.findIndex((at) => at <= track.from)
      const row = free < 0 ? freeAt.length : free
      freeAt[row] = track.to ?? Number.POSITIVE_INFINITY
      placeOf.set(track, { row: rows + row, group })
    }
    if (freeAt.length > 0) groups.push({ client, row: rows, group })
    rows += freeAt.length
  }
  return { groups, placeOf, rows }
}
