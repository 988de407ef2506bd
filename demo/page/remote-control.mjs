/** @type {readonly (keyof import('../servers.mjs').Control)[]} */
const names = ['reset', 'recount', 'expire', 'refuse', 'outage', 'hold', 'held', 'release', 'until', 'counts']

/**
 * The servers' control, from the page.
 * @returns {import('../servers.mjs').Control}
 */
export function remoteControl() {
  const commands = names.map((name) => [name, (/** @type {unknown[]} */ ...args) => send(name, args)])
  return Object.fromEntries(commands)
}

/**
 * @param {string} name
 * @param {readonly unknown[]} args
 */
async function send(name, args) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`/control/${name}`, { method: 'POST', headers, body: JSON.stringify(args) })
  if (!response.ok) throw new Error(`/control/${name} answered ${response.status}`)
  return response.json()
}
