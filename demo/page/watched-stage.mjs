import axios from 'axios'
import { createStage } from '../stage.mjs'
import { createRecorder } from './recorder.mjs'

/** Requests of a storm: as many as can be looked at. */
export const stormSize = 24

/**
 * A stage whose every request is recorded.
 * @typedef {object} WatchedStage
 * @property {import('../stage.mjs').Stage} stage
 * @property {import('./recorder.mjs').Recorder} recorder
 * @property {string | undefined} user who is signed in
 */

/**
 * @param {import('../servers.mjs').Urls} urls
 * @param {import('../servers.mjs').Control} control
 * @param {() => void} onChange
 * @returns {WatchedStage}
 */
export function openStage(urls, control, onChange) {
  const recorder = createRecorder(onChange)
  const stage = createStage({
    urls,
    size: stormSize,
    control: {
      ...control,
      async outage(on) {
        await control.outage(on)
        recorder.mark(on ? 'outage' : 'outage over')
      },
    },
    own: { options: { fetch: recorder.fetch }, adapter: recorder.wrap(axios.getAdapter('xhr')) },
    onRequest: recorder.onRequest,
  })
  const { auth } = stage.session
  recorder.follow(auth)
  auth.subscribe(onChange)
  let lastUser = ''
  return {
    recorder,
    stage: {
      ...stage,
      async signIn(user) {
        lastUser = user
        await stage.signIn(user)
        recorder.mark(`${user} signs in`)
      },
    },
    get user() {
      return auth.state.status === 'signedIn' ? lastUser : undefined
    },
  }
}
