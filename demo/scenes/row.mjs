/**
 * @param {string} what was counted
 * @param {number | boolean} expected
 * @param {number | boolean | undefined} counted `undefined`: never
 * @returns {import('../play-scene.mjs').Row}
 */
export const row = (what, expected, counted = 0) => ({ what, expected, counted })
