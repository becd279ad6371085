import { parseArgs } from 'node:util'
import { bundledAirports, bundledFlights } from './flights-file.ts'

export const usage = `Delayed flights by state and week: 20,000 flights through a log on this disk, exactly once.

usage: npm start -- [options]

  --dir DIR        where the log and the state live (default .millrace/flight-delays)
  --flights FILE   a JSON list of flights (default: the data that comes with the example)
  --airports FILE  a CSV file of airports (default: likewise)
  --help           this text

Stop it at any time; the next start goes on from the last commit.`

/** What the command line asks for. */
export interface Options {
  readonly dir: string
  readonly flightsPath: string | URL
  readonly airportsPath: string | URL
}

/** Undefined: the usage was asked for. @throws TypeError for an option or argument that there is not */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: 'string', default: '.millrace/flight-delays' },
      flights: { type: 'string' },
      airports: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    dir: values.dir,
    flightsPath: values.flights ?? bundledFlights,
    airportsPath: values.airports ?? bundledAirports,
  }
}
