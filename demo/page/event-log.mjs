import { byId, html } from './html.mjs'

/** @typedef {import('tokenflight').AuthEvents} AuthEvents */

/**
 * Lists a session's events as they come; one that comes again and again is counted.
 * @param {import('tokenflight').AuthClient} auth
 */
export function logEvents(auth) {
  const list = byId('events', HTMLOListElement)
  list.replaceChildren()
  let last = ''
  let times = 0
  auth.on('*', (name, event) => {
    const text = [name, ...details(event)].join(' · ')
    times = text === last ? times + 1 : 1
    last = text
    const item = html('li', '', [times > 1 ? `${text} ×${times}` : text])
    if (times > 1) list.lastElementChild?.replaceWith(item)
    else list.append(item)
    item.scrollIntoView?.({ block: 'nearest' })
  })
}

/**
 * What is worth a word in an event.
 * @param {AuthEvents[keyof AuthEvents]} event
 */
function details(event) {
  const words = []
  if ('trigger' in event) words.push(event.trigger)
  if ('reason' in event) words.push(event.reason)
  if ('source' in event) words.push(event.source)
  if ('waiters' in event && event.waiters > 0) words.push(`${event.waiters} waited`)
  if ('error' in event && event.error) words.push(event.error.code)
  return words
}
