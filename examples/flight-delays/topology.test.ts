import { TopologyTestDriver } from 'millrace/test'
import { beforeEach, expect, test } from 'vitest'
import { bundledAirports, bundledFlights, readAirports, readFlights } from './flights-file.ts'
import { worstWeeks } from './report.ts'
import {
  airports,
  buildTopology,
  delaysByState,
  type Flight,
  flights,
  type StateWeek,
  unknownAirports,
} from './topology.ts'
import { expectedStateWeeks, faultsOf } from './verifier.ts'

const uncached = { 'statestore.cache.max.bytes': 0 }
const monday = Date.UTC(2001, 0, 8)
const dayMs = 24 * 60 * 60 * 1000

function flight(origin: string, delay: number): Flight {
  return { date: '2001/01/08 00:00', delay, distance: 1, origin, destination: 'SFO' }
}

let driver: TopologyTestDriver

beforeEach(() => {
  driver = new TopologyTestDriver(buildTopology(), uncached)
  const input = driver.createInputTopic(airports)
  input.pipeInput('SEA', { name: 'Seattle-Tacoma', city: 'Seattle', state: 'WA' }, 0)
  input.pipeInput('GEG', { name: 'Spokane', city: 'Spokane', state: 'WA' }, 0)
})

function results(): StateWeek[] {
  return driver.createOutputTopic(delaysByState).readValuesToList() as StateWeek[]
}

test('counts and averages the delays of a state’s airports by week', () => {
  const input = driver.createInputTopic(flights)
  input.pipeInput('SEA', flight('SEA', 20), monday)
  input.pipeInput('GEG', flight('GEG', 40), monday + dayMs)
  input.pipeInput('SEA', flight('SEA', 30), monday + 5 * dayMs)
  expect(results()).toEqual([
    { state: 'WA', week: '2001-01-04', flights: 1, averageDelay: 20 },
    { state: 'WA', week: '2001-01-04', flights: 2, averageDelay: 30 },
    { state: 'WA', week: '2001-01-11', flights: 1, averageDelay: 30 },
  ])
})

test('a flight that is a quarter of a year late still counts', () => {
  const input = driver.createInputTopic(flights)
  input.pipeInput('SEA', flight('SEA', 20), monday + 80 * dayMs)
  input.pipeInput('SEA', flight('SEA', 20), monday)
  expect(results().map(({ week }) => week)).toEqual(['2001-03-29', '2001-01-04'])
})

test('15 minutes are not a delay', () => {
  driver.createInputTopic(flights).pipeInput('SEA', flight('SEA', 15), monday)
  expect(results()).toEqual([])
})

test('a flight from an unknown airport is set aside, delayed or not', () => {
  const input = driver.createInputTopic(flights)
  input.pipeInput('XXX', flight('XXX', 60), monday)
  input.pipeInput('XXX', flight('XXX', 0), monday)
  expect(results()).toEqual([])
  expect(driver.createOutputTopic(unknownAirports).queueSize()).toBe(2)
})

test('all 20,000 flights give what a plain loop over the file gives, with counts 1 to n', () => {
  const whole = new TopologyTestDriver(buildTopology(), uncached)
  const airportTopic = whole.createInputTopic(airports)
  for (const [iata, airport] of readAirports(bundledAirports)) airportTopic.pipeInput(iata, airport, 0)
  const input = whole.createInputTopic(flights)
  for (const { flight: one, timestamp } of readFlights(bundledFlights).flights)
    input.pipeInput(one.origin, one, timestamp)
  const records = whole.createOutputTopic(delaysByState).readValuesToList() as StateWeek[]
  expect(faultsOf(records, expectedStateWeeks(bundledFlights, bundledAirports))).toEqual([])
  expect(worstWeeks(records, 1)).toEqual([{ state: 'RI', week: '2001-02-01', flights: 1, averageDelay: 390 }])
})
