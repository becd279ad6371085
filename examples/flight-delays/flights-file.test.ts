import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundledAirports, bundledFlights, parseDate, readAirports, readFlights } from './flights-file.ts'
import { weekTable, worstWeeks } from './report.ts'
import { expectedStateWeeks, faultsOf } from './verifier.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flights-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('dates are read as UTC; what is no date is none', () => {
  expect(parseDate('2001/01/01 00:47')).toBe(Date.UTC(2001, 0, 1, 0, 47))
  for (const text of ['', '2001/02/30 00:00', '2001/13/01 00:00', '2001/01/01 24:00', '2001-01-01 00:00']) {
    expect(parseDate(text)).toBeUndefined()
  }
})

test('entries without a date, or that are no flight, are counted and left out', () => {
  const path = join(folder, 'flights.json')
  const good = { date: '2001/01/01 00:47', delay: 1, distance: 2, origin: 'SEA', destination: 'SFO' }
  writeFileSync(
    path,
    JSON.stringify([good, { ...good, date: undefined }, { ...good, date: 'soon' }, { ...good, delay: 'x' }, 7]),
  )
  expect(readFlights(path)).toEqual({ flights: [{ flight: good, timestamp: Date.UTC(2001, 0, 1, 0, 47) }], undated: 4 })
})

test('the bundled data is whole', () => {
  expect(readFlights(bundledFlights)).toMatchObject({ flights: { length: 20_000 }, undated: 0 })
  const airports = new Map(readAirports(bundledAirports))
  expect(airports.size).toBe(3376)
  expect(airports.get('BTR')).toEqual({ name: 'Baton Rouge Metropolitan, Ryan', city: 'Baton Rouge', state: 'LA' })
  expect(airports.get('SEA')?.state).toBe('WA')
})

test('the verifier sees a gap, a repeat, a wrong value and a result that should not be there', () => {
  const expected = expectedStateWeeks(bundledFlights, bundledAirports)
  expect(expected.get('RI 2001-02-01')).toEqual({ flights: 1, averageDelay: 390 })
  const one = new Map([['WA 2001-01-04', { flights: 2, averageDelay: 30 }]])
  const record = (flights: number, averageDelay: number, state = 'WA') => ({
    state,
    week: '2001-01-04',
    flights,
    averageDelay,
  })
  expect(faultsOf([record(1, 20), record(2, 30)], one)).toEqual([])
  expect(faultsOf([record(2, 30)], one)).toEqual(['WA 2001-01-04: count 2 follows 0'])
  expect(faultsOf([record(1, 20), record(1, 20), record(2, 30)], one)).toHaveLength(1)
  expect(faultsOf([record(1, 20), record(2, 31)], one)).toHaveLength(1)
  expect(faultsOf([record(1, 20), record(2, 30), record(1, 9, 'OR')], one)).toEqual([
    'OR 2001-01-04 should not be there',
  ])
})

test('the table shows the worst weeks, one line each', () => {
  const weeks = worstWeeks(
    [
      { state: 'WA', week: '2001-01-04', flights: 1, averageDelay: 99 },
      { state: 'OR', week: '2001-01-04', flights: 1, averageDelay: 20 },
      { state: 'WA', week: '2001-01-04', flights: 2, averageDelay: 60.25 },
    ],
    10,
  )
  expect(weekTable(weeks)).toBe(
    [
      'state  week from   delayed flights  average delay',
      '─────  ──────────  ───────────────  ─────────────',
      'WA     2001-01-04                2       60.3 min',
      'OR     2001-01-04                1       20.0 min',
    ].join('\n'),
  )
})
