import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { brokerConfigs } from '../src/index.ts'

test('docs/broker.md lists the configs as the code has them', () => {
  const page = readFileSync(new URL('../../../docs/broker.md', import.meta.url), 'utf8')
  const rows = Object.entries(brokerConfigs).map(
    ([name, { defaultValue, documentation }]) => `| \`${name}\` | \`${defaultValue}\` | ${documentation} |`,
  )
  expect(page).toContain(rows.join('\n'))
})
