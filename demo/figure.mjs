/** @param {number | boolean} value as a row shows it */
export const figure = (value) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value))
