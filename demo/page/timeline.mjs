import { layOut } from './layout.mjs'
import { svg } from './svg.mjs'

const gutter = 64
const width = 960
const right = 44
const flightTop = 34
const flightHeight = 22
const rowsTop = 84
const rowsHeight = 360
const groupGap = 14
const height = rowsTop + rowsHeight + 2 * groupGap + 26

const hint = 'Choose a scene above, or begin a storm below.'

/** @typedef {import('./layout.mjs').Layout} Layout */
/** @typedef {(ms: number) => number} Scale */

/**
 * Draws a recording: the refresh on top, below it a row for each request.
 * @param {SVGSVGElement} target
 * @param {import('./recorder.mjs').Recording} recording
 * @param {number} now
 */
export function drawTimeline(target, recording, now) {
  const layout = layOut(recording, now)
  const rowHeight = Math.min(15, rowsHeight / layout.rows)
  /** @type {Scale} */
  const x = (ms) => gutter + (Math.max(0, ms) / layout.duration) * (width - gutter - right)
  /** @param {{ row: number, group: number }} place */
  const y = ({ row, group }) => rowsTop + row * rowHeight + group * groupGap
  const lastOfRow = new Map(layout.bars.map((bar) => [bar.row, bar]))

  target.setAttribute('viewBox', `0 0 ${width} ${height}`)
  target.replaceChildren(
    svg('defs', {}, [hatching()]),
    ...axis(layout.duration, x),
    ...layout.flights.flatMap((flight) => flightShapes(flight, x)),
    svg('text', { x: 0, y: flightTop + 15, class: 'lane' }, ['refresh']),
    ...(layout.rows > 0 ? [] : [svg('text', { x: width / 2, y: height / 2, class: 'hint' }, [hint])]),
    ...layout.groups.map((group) => svg('text', { x: 0, y: y(group) + 11, class: 'lane' }, [group.client])),
    ...layout.bars.map((bar) => requestShape(bar, x, y(bar), rowHeight, lastOfRow.get(bar.row) === bar)),
    ...layout.marks.flatMap((mark, index) => markShapes(mark, x, index)),
  )
}

/** The waiting are neither here nor there. */
const hatching = () =>
  svg(
    'pattern',
    { id: 'hatching', width: 5, height: 5, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    [
      svg('rect', { width: 5, height: 5, class: 'hatch-ground' }),
      svg('rect', { width: 2, height: 5, class: 'hatch-line' }),
    ],
  )

/**
 * @param {number} duration
 * @param {Scale} x
 */
function axis(duration, x) {
  const step = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000].find((ms) => duration / ms <= 8) ?? 60_000
  const ticks = Array.from({ length: Math.floor(duration / step) + 1 }, (_, index) => index * step)
  return ticks.flatMap((ms) => [
    svg('line', { x1: x(ms), x2: x(ms), y1: flightTop - 6, y2: height - 20, class: 'grid' }),
    svg('text', { x: x(ms), y: height - 5, class: 'tick' }, [ms === 0 ? '0' : `${ms / 1_000} s`]),
  ])
}

/**
 * @param {Layout['flights'][number]} flight
 * @param {Scale} x
 */
function flightShapes({ from, to, end, waiters, attempts }, x) {
  const left = x(from)
  const span = Math.max(2, x(to) - left)
  const long = waiters > 0 ? `${end}, ${waiters} waited` : end
  const label = (span > 140 ? long : end) ?? 'refreshing …'
  const title = `refresh: ${label}, ${attempts.length} × the token endpoint`
  return [
    svg('rect', { x: left, y: flightTop, width: span, height: height - flightTop - 20, class: 'band' }),
    svg('g', { class: `flight ${(end ?? 'open').replace(' ', '-')}` }, [
      svg('title', {}, [title]),
      svg('rect', { x: left, y: flightTop, width: span, height: flightHeight, rx: 5 }),
      ...attempts.map((attempt) =>
        svg('rect', {
          x: x(attempt.from),
          y: flightTop + flightHeight - 5,
          width: Math.max(2, x(attempt.to) - x(attempt.from)),
          height: 5,
          rx: 2,
          class: attempt.status === undefined || attempt.status === 200 ? 'attempt' : 'attempt failed',
        }),
      ),
      svg('text', { x: left + 7, y: flightTop + 13.5 }, [span > 60 ? label : '']),
    ]),
  ]
}

/**
 * @param {Layout['bars'][number]} bar
 * @param {Scale} x
 * @param {number} top
 * @param {number} rowHeight
 * @param {boolean} hasRoom behind it
 */
function requestShape({ path, spans, answer }, x, top, rowHeight, hasRoom) {
  const height = rowHeight - 3
  const last = spans.at(-1)
  const story = spans.map(({ kind }) => kind).join(', ')
  return svg('g', {}, [
    svg('title', {}, [`${path}: ${story}${answer ? `, answered ${answer}` : ''}`]),
    ...spans.map(({ from, to, kind }) => {
      const inset = kind === 'waiting' ? height / 4 : 0
      return svg('rect', {
        x: x(from),
        y: top + inset,
        width: Math.max(1.5, x(to) - x(from) - 0.5),
        height: height - 2 * inset,
        rx: kind === 'waiting' ? 0 : 2,
        class: kind,
      })
    }),
    ...(answer === undefined || answer === '200' || !last
      ? []
      : [
          svg('rect', { x: x(last.to) - 2, y: top, width: 3, height, class: 'error' }),
          svg('text', { x: x(last.to) + 5, y: top + height - 1, class: 'answer' }, [hasRoom ? answer : '']),
        ]),
  ])
}

/**
 * @param {Layout['marks'][number]} mark
 * @param {Scale} x
 * @param {number} index
 */
const markShapes = ({ at, label }, x, index) => [
  svg('line', { x1: x(at), x2: x(at), y1: 20, y2: height - 20, class: 'mark' }),
  svg('text', { x: x(at) + 5, y: index % 2 ? 28 : 16, class: 'mark-label' }, [label]),
]
