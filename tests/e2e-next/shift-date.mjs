/**
 * Moves a realm's wall clock: time passes on command, in a page as in a server. Serialized for pages, so it refers to nothing outside.
 * @returns {(offsetMs: number) => void} how far the clock is ahead of the machine's, from now on
 */
export function shiftDate() {
  let offset = 0
  const now = () => machine.now() + offset
  const machine = Date
  globalThis.Date = new Proxy(machine, {
    construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: () => new machine(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
  return (offsetMs) => {
    offset = offsetMs
  }
}
