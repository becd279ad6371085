import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundledAirports } from './flights-file.ts'
import { runJob } from './job.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flight-delays-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function run(flightsPath: string): Promise<string> {
  const lines: string[] = []
  const output = { line: (text: string) => lines.push(text), progress: () => {} }
  await runJob({ dir: join(dir, 'data'), flightsPath, airportsPath: bundledAirports }, output)
  return lines.join('\n')
}

test('a flight without a date and one from an unknown airport are counted and shown', async () => {
  const path = join(dir, 'flights.json')
  const flight = { date: '2001/01/08 10:00', delay: 60, distance: 1, origin: 'SEA', destination: 'SFO' }
  writeFileSync(path, JSON.stringify([flight, { ...flight, date: undefined }, { ...flight, origin: 'QQQ' }]))
  const output = await run(path)
  expect(output).toContain('1 entries of the file have no date, or are no flights, and were left out')
  expect(output).toContain('1 flights are from unknown airports (QQQ): see topic unknown-airports')
  expect(output).toContain('2 flights in, 1 delays out')
  expect(output).toContain('WA     2001-01-04                1       60.0 min')
  expect(await run(path)).toContain('nothing was done')
})

test('a file that is not JSON is refused before anything is written', async () => {
  const path = join(dir, 'flights.json')
  writeFileSync(path, '{')
  await expect(run(path)).rejects.toThrow(`${path} is not a JSON list of flights`)
})
