/**
 * One thing that was counted.
 * @typedef {object} Row
 * @property {string} what
 * @property {number | boolean} expected
 * @property {number | boolean} counted
 */

/** @typedef {{ servers: Row[], app: Row[] }} Rows counted by the servers, and seen by the app */

/**
 * @typedef {object} Scene
 * @property {string} id
 * @property {string} title
 * @property {string} story what happens, in a sentence or two
 * @property {string} point what to see in the counts
 * @property {(stage: import('./stage.mjs').Stage) => Promise<Rows>} play
 */

/** @typedef {Rows & { scene: Scene, failure?: string, passed: boolean }} Result */

/**
 * Plays a scene and judges it. One that throws, or does not come to its end, has failed.
 * @param {Scene} scene
 * @param {import('./stage.mjs').Stage} stage
 * @param {number} [deadlineMs]
 * @returns {Promise<Result>}
 */
export async function playScene(scene, stage, deadlineMs = 60_000) {
  try {
    const rows = await inTime(scene.play(stage), deadlineMs)
    return { scene, ...rows, passed: [...rows.servers, ...rows.app].every(isRight) }
  } catch (error) {
    return { scene, servers: [], app: [], failure: String(error), passed: false }
  } finally {
    stage.session.auth.dispose()
  }
}

/** @param {Row} row */
export const isRight = ({ expected, counted }) => expected === counted

/**
 * @template T
 * @param {Promise<T>} play
 * @param {number} deadlineMs
 * @returns {Promise<T>}
 */
async function inTime(play, deadlineMs) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const timeUp = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not at its end after ${deadlineMs} ms`)), deadlineMs)
  })
  try {
    return await Promise.race([play, timeUp])
  } finally {
    clearTimeout(timer)
  }
}
