import { byId, html } from './html.mjs'

/** @typedef {import('../servers.mjs').Counts} Counts */

/** @type {readonly [import('../servers.mjs').CountName, string][]} */
const shown = [
  ['refreshes', 'refreshes'],
  ['tokenRequests', 'requests for a token'],
  ['requests', 'requests to the API'],
  ['refused', 'refused'],
  ['accepted', 'accepted'],
  ['revocations', 'revoked tokens'],
]

/** Shows what the servers count, as they count it. */
export function showCounters() {
  const list = byId('counters', HTMLDListElement)
  new EventSource('/counts').addEventListener('message', ({ data }) => {
    /** @type {Counts} */
    const counts = JSON.parse(data)
    list.replaceChildren(
      ...shown.flatMap(([name, label]) => [
        counter(name, label, counts[name]),
        ...(name === 'accepted' ? Object.entries(counts.acceptedFor).map(counterOfUser) : []),
      ]),
    )
  })
}

/** @param {[user: string, count: number]} entry */
const counterOfUser = ([user, count]) => {
  const element = counter(`accepted-for-${user}`, `for ${user}`, count)
  element.className = 'part'
  return element
}

/**
 * @param {string} name
 * @param {string} label
 * @param {number} count
 */
function counter(name, label, count) {
  const value = html('dd', '', [String(count)])
  value.dataset['count'] = name
  return html('div', count === 0 ? 'none' : '', [html('dt', '', [label]), value])
}
