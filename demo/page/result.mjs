import { figure } from '../figure.mjs'
import { isRight } from '../play-scene.mjs'
import { html } from './html.mjs'

/**
 * A scene's rows with their verdicts.
 * @param {import('../play-scene.mjs').Result} result
 */
export const resultView = ({ passed, failure, servers, app }) => [
  html('p', passed ? 'verdict right' : 'verdict wrong', [
    passed ? '✓ as expected' : `✗ ${failure ? `broke off: ${failure}` : 'not as expected'}`,
  ]),
  ...(failure ? [] : [table('The servers counted', servers), table('The app saw', app)]),
]

/**
 * @param {string} caption
 * @param {readonly import('../play-scene.mjs').Row[]} rows
 */
const table = (caption, rows) =>
  html('table', '', [
    html('thead', '', [
      html(
        'tr',
        '',
        [caption, 'counted', 'expected', ''].map((heading) => html('th', '', [heading])),
      ),
    ]),
    html(
      'tbody',
      '',
      rows.map((row) =>
        html('tr', isRight(row) ? 'right' : 'wrong', [
          html('th', '', [row.what]),
          html('td', '', [figure(row.counted)]),
          html('td', '', [figure(row.expected)]),
          html('td', 'sign', [isRight(row) ? '✓' : '✗']),
        ]),
      ),
    ),
  ])
