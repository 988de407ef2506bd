/**
 * How the examples refresh: as RFC 6749 §6 has it.
 * @param {import('tokenflight').RefreshContext} context
 */
export const refresh = ({ refreshToken, fetch, signal }) =>
  fetch('/token', {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    signal,
  })
