import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { queryClient } from 'millrace/queries'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LiveTable, startLiveTable } from './app.ts'

let dir: string
let table: LiveTable

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'live-table-'))
  table = await startLiveTable(dir, 0)
})

afterAll(async () => {
  await table.close()
  rmSync(dir, { recursive: true, force: true })
})

test('the server that gives the page answers what the page asks', async () => {
  const page = await fetch(table.url)
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(await page.text()).toContain("new EventSource('/stores/results/updates')")

  const client = queryClient<{ results: { key: string; value: number } }>(table.url.slice(0, -1))
  const updates = client.updates('results')
  const heard: [string, number | null][] = []
  const next = updates.next()
  await table.vote('alice', 'tea')
  for (let update = await next; !update.done; update = await updates.next()) {
    if (update.value.kind !== 'change') continue
    heard.push([update.value.key, update.value.value])
    if (heard.length === 1) await table.vote('alice', 'coffee')
    if (heard.some(([option, count]) => option === 'coffee' && count === 1)) break
  }
  expect(heard[0]).toEqual(['tea', 1])
  expect(await client.get('results', 'coffee')).toBe(1)
})

test('other paths are not found', async () => {
  expect((await fetch(new URL('/elsewhere', table.url))).status).toBe(404)
})
