import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../scripts/ensure-install.mjs'

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

it.each(['axios', 'ky', 'react', 'react-query', 'next-auth'])('README shows the budget of %s', (name) => {
  const [, limit] = new RegExp(`onTop\\(\\s*'${name}',\\s*'[^']*',\\s*'([^']+)'`).exec(read('.size-limit.mjs')) ?? []
  expect(limit).toBeDefined()
  expect(read('README.md')).toContain(`${name} ${limit}`)
})

it('README shows the budget of tokenflight itself', () => {
  const [, limit] = /limit: '([^']+)'/.exec(read('.size-limit.mjs')) ?? []
  expect(limit).toBeDefined()
  expect(read('README.md')).toContain(`\`tokenflight\` ${limit}`)
})
