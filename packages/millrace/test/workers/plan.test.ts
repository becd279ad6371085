import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runWorkers } from '../../src/workers/run-workers.ts'
import { run } from '../run.ts'
import { builtApp } from './built-app.ts'

let folder: string
let app: URL

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-'))
  app = await builtApp('counting-app')
}, 120_000)

afterAll(() => {
  delete process.env['APP_DIR']
  delete process.env['APP_STORE']
  rmSync(folder, { recursive: true, force: true })
})

/** By store or topic: what a start would do to it. */
async function plan(store: string, ...args: readonly string[]): Promise<Record<string, string>> {
  process.env['APP_DIR'] = folder
  process.env['APP_STORE'] = store
  const { printed } = await run(['plan', fileURLToPath(app), '--json', ...args])
  const rows = JSON.parse(printed) as { readonly change: string; readonly kind: string; readonly name: string }[]
  return Object.fromEntries(rows.map(({ change, kind, name }) => [`${kind} ${name}`, change]))
}

test('plan names what would be created, kept and orphaned, and starts nothing', { timeout: 120_000 }, async () => {
  const repartition = 'topic counter-by-word-repartition'
  expect(await plan('totals')).toEqual({
    'store totals': 'created',
    'topic counter-totals-changelog': 'created',
    [repartition]: 'created',
  })
  const pool = runWorkers(app, {
    workers: 1,
    kind: 'thread',
    execArgv: [],
    handleSignals: false,
    env: { APP_DIR: folder, APP_STORE: 'totals' },
  })
  await pool.running
  await pool.close()
  expect(await plan('totals')).toEqual({
    'store totals': 'kept',
    'topic counter-totals-changelog': 'kept',
    [repartition]: 'kept',
  })
  expect(await plan('sums')).toEqual({
    'store sums': 'created',
    'topic counter-sums-changelog': 'created',
    [repartition]: 'kept',
    'store totals': 'orphaned',
    'topic counter-totals-changelog': 'orphaned',
  })
  expect((await run(['plan', fileURLToPath(app), '--check'])).code).toBe(1)
})

test('a file that runs no application is one line', { timeout: 60_000 }, async () => {
  const ran = await run(['plan', fileURLToPath(new URL('../../../../biome.json', import.meta.url))])
  expect(ran).toMatchObject({ code: 1, printed: '' })
  expect(ran.complained).toMatch(/ended without a call of run\(topology, settings\)$/)
  expect((await run(['plan', 'nothing-here.js'])).code).toBe(2)
})
