/**
 * A recording in a sentence.
 * @param {import('./recorder.mjs').Recording} recording
 */
export function summarize({ tracks, flights }) {
  if (tracks.length === 0) return 'No requests yet.'
  const sendings = tracks.flatMap((track) => track.sendings)
  const refused = sendings.filter(({ status }) => status === 401).length
  const resent = tracks.filter((track) => track.sendings.length > 1).length
  const answered = tracks.filter(({ answer }) => answer === '200').length
  return [
    count(tracks.length, 'request'),
    `${sendings.length} sent`,
    `${refused} refused`,
    `${resent} resent`,
    `${answered} answered 200`,
    count(flights.length, 'refresh', 'refreshes'),
  ].join(' · ')
}

/**
 * @param {number} number
 * @param {string} one
 * @param {string} [more]
 */
const count = (number, one, more = `${one}s`) => `${number} ${number === 1 ? one : more}`
