/** The median of some figures, and the span of their middle half. */
export function summary(figures) {
  const sorted = [...figures].sort((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

/**
 * Runs every contender once a round, each round in another order, so that a slow moment of the machine hits all alike. What the one
 * before has left is collected first, as far as it is young: a full collection would also throw away what the engine has compiled, and
 * nothing that is measured here is as cold in an app.
 * @returns for each contender its figures, one a round
 */
export async function alternate(contenders, rounds, measure) {
  const figures = new Map(contenders.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round += 1) {
    for (const contender of inOrder(contenders, round + 1)) {
      globalThis.gc({ type: 'minor' })
      const figure = await measure(contender)
      // the first round warms up
      if (round >= 0) figures.get(contender.name).push(figure)
    }
  }
  return figures
}

/** From another one each round, and every other round backwards: none always comes after the same one. */
function inOrder(contenders, round) {
  const from = round % contenders.length
  const order = [...contenders.slice(from), ...contenders.slice(0, from)]
  return round % 2 === 0 ? order : order.reverse()
}

/** A Markdown table. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
