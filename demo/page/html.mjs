/**
 * The element with this id, of this kind.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const element = document.getElementById(id)
  if (element instanceof kind) return element
  throw new Error(`The page has no ${kind.name} #${id}.`)
}

/**
 * @param {string} name
 * @param {string} className
 * @param {readonly (Node | string)[]} children
 */
export function html(name, className, children) {
  const element = document.createElement(name)
  if (className) element.className = className
  element.append(...children)
  return element
}
