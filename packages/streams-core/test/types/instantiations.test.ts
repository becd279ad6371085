import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const compiler = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url))

/** As the package's own sources are compiled, with one file. */
const flags = [
  '--ignoreConfig --noEmit --target es2023 --module nodenext --customConditions millrace-source --types node',
  '--allowImportingTsExtensions --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --skipLibCheck',
].flatMap((line) => line.split(' '))

function instantiations(fixture: string): number {
  const file = fileURLToPath(new URL(fixture, import.meta.url))
  const report = execFileSync(process.execPath, [compiler, ...flags, '--extendedDiagnostics', file], {
    encoding: 'utf8',
  })
  return Number(/^Instantiations:\s+(\d+)/m.exec(report)?.[1])
}

/** Beyond this an editor would be felt to wait on a long topology. It took about 1,100 when the budget was set. */
const budget = 5_000

test(`a chain of twenty operators costs at most ${budget} type instantiations`, () => {
  const cost = instantiations('chain-20.fixture.ts') - instantiations('base.fixture.ts')
  expect(cost).toBeGreaterThan(0)
  expect(cost).toBeLessThanOrEqual(budget)
})
