import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, startBroker } from '@millrace/broker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run as runAnywhere } from '../run.ts'

let broker: Broker
const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
const run = (args: readonly string[], input?: string) => runAnywhere([...args, '--bootstrap', broker.address], input)
const committed = async (): Promise<number[]> =>
  (JSON.parse((await run(['groups', 'describe', 'app', '--json'])).printed) as { offset: number }[]).map(
    ({ offset }) => offset,
  )

beforeAll(async () => {
  broker = await startBroker({ memory: true })
  await run(['produce', 'in'], 'a\nb\nc\nd\n')
  await run(['consume', 'in', '--group', 'app', '--from-beginning', '--max-records', '3'])
})

afterAll(async () => {
  await broker.close()
  rmSync(folder, { recursive: true, force: true })
})

test.each([
  [['--to-offset', '2'], 2],
  [['--shift-by', '1'], 3],
  [['--shift-by', '-2'], 1],
  [['--to-latest'], 4],
  [['--by-duration', 'P1D'], 0],
  [['--to-datetime', '2999-01-01T00:00:00Z'], 4],
  [['--to-earliest'], 0],
] as const)('reset %j takes the input to offset %i, when it is said', async (place, offset) => {
  const before = await committed()
  expect(await run(['reset', '--application-id', 'app', ...place, '--dry-run'])).toMatchObject({
    code: 0,
    printed: `offset of in-0 becomes ${offset}`,
    complained: 'nothing was changed; add --execute',
  })
  expect(await committed()).toEqual(before)
  await run(['reset', 'app', ...place, '--execute'])
  expect(await committed()).toEqual([offset])
})

test('offsets may come from a file', async () => {
  const file = join(folder, 'offsets.csv')
  writeFileSync(file, '"in",0,3\n')
  await run(['reset', 'app', '--from-file', file, '--input-topics', 'in', '--execute'])
  expect(await committed()).toEqual([3])
  writeFileSync(file, 'other,0,3\n')
  expect((await run(['reset', 'app', '--from-file', file])).complained).toContain('other-0 is no partition of an input')
})

test('topics of foreign-key joins are internal too; only those named are deleted', async () => {
  const names = ['app-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-0000000014-topic', 'app-a-changelog', 'app-x']
  for (const name of names) await run(['topics', 'create', name])
  const all = (await run(['reset', 'app'])).printed
  expect(all).toContain(`topic ${names[0]} is deleted`)
  expect(all).not.toContain('app-x')
  await run(['reset', 'app', '--internal-topics', 'app-a-changelog', '--execute'])
  const left = (await run(['topics', 'list'])).printed
  expect([left.includes(names[0]!), left.includes(names[1]!), left.includes(names[2]!)]).toEqual([true, false, true])
  expect((await run(['reset', 'app', '--internal-topics', 'app-x'])).complained).toContain('app-x is no internal topic')
})

test('local state is removed with --state-dir, that of workers included', async () => {
  for (const dir of ['app', 'worker-1/app', 'worker-1/other']) {
    mkdirSync(join(folder, dir, '0_0'), { recursive: true })
    writeFileSync(join(folder, dir, 'process.json'), '{}')
  }
  const stateDir = ['--state-dir', folder]
  expect((await run(['reset', 'app', ...stateDir])).printed).toContain(
    `local state in ${join(folder, 'app')} is removed`,
  )
  await run(['reset', 'app', ...stateDir, '--execute'])
  const left = ['app', 'worker-1/app', 'worker-1/other'].map((dir) => existsSync(join(folder, dir, '0_0')))
  expect(left).toEqual([false, false, true])
})

test.each([
  [['--to-latest', '--to-earliest'], 'exclude one another'],
  [['--execute', '--dry-run'], 'exclude one another'],
  [['--by-duration', 'soon'], 'must be a duration'],
  [['--shift-by', 'x'], 'must be a whole number'],
  [['--from-file', 'nothing-here.csv'], 'cannot read'],
] as const)('%j is wrong usage', async (args, message) => {
  const ran = await run(['reset', 'app', ...args])
  expect(ran.code).toBe(2)
  expect(ran.complained).toContain(message)
})
