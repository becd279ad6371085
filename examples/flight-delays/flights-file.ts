import { readFileSync } from 'node:fs'
import { type Airport, type Flight, flightSchema } from './topology.ts'

/** A flight and its place in event time: the date it carries, read as UTC, Unix ms. */
export interface DatedFlight {
  readonly flight: Flight
  readonly timestamp: number
}

/** What the flights' file holds. */
export interface FlightsFile {
  readonly flights: readonly DatedFlight[]
  /** Entries that are no flight, or have no date: they have no place in time and are left out. */
  readonly undated: number
}

/** The data that comes with the example. */
export const bundledFlights: URL = dataFile('flights-20k.json')
export const bundledAirports: URL = dataFile('airports.csv')

/** @throws Error when the file cannot be read or is not a JSON list */
export function readFlights(path: string | URL): FlightsFile {
  const entries = parseJson(readFileSync(path, 'utf8'))
  if (!Array.isArray(entries)) throw new Error(`${path} is not a JSON list of flights; give it another --flights FILE`)
  const flights: DatedFlight[] = []
  for (const entry of entries) {
    const checked = flightSchema.safeParse(entry)
    const timestamp = checked.success ? parseDate(checked.data.date) : undefined
    if (timestamp !== undefined) flights.push({ flight: checked.data!, timestamp })
  }
  return { flights, undated: entries.length - flights.length }
}

/** Undefined for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Unix ms of `YYYY/MM/DD HH:MM`, read as UTC; undefined when that is no date. */
export function parseDate(text: string): number | undefined {
  const parts = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d)$/.exec(text)
  if (parts === null) return undefined
  const [year, month, day, hour, minute] = parts.slice(1).map(Number) as [number, number, number, number, number]
  const time = Date.UTC(year, month - 1, day, hour, minute)
  const isReal = new Date(time).getUTCDate() === day && month >= 1 && month <= 12 && hour < 24 && minute < 60
  return isReal ? time : undefined
}

/** The airports of a CSV file with the columns iata, name, city, state, country, latitude, longitude. */
export function readAirports(path: string | URL): readonly (readonly [iata: string, airport: Airport])[] {
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/)
  return lines.map((line) => {
    const [iata, name, city, state] = splitCsv(line) as [string, string, string, string]
    return [iata, { name, city, state }]
  })
}

/** Fields of a line; one in quotes may hold commas. */
function splitCsv(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

/** Compiled files are in `dist`, the data beside it. */
function dataFile(name: string): URL {
  const isCompiled = import.meta.url.includes('/dist/')
  return new URL(`${isCompiled ? '../' : ''}data/${name}`, import.meta.url)
}
