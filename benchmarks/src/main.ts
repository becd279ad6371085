import { parseArgs } from 'node:util'
import { type DriverPass, runDriver } from './modes/driver.ts'
import { type ExpectedChecksums, expectedChecksums } from './modes/expected.ts'
import { WORKLOADS, workloadNamed } from './workloads/workload.ts'

const HELP = `Measures Millrace on the workloads W1 to W6.

  npm run bench -- driver WORKLOAD... [--n RECORDS] [--repeat PASSES] [--json]

Modes
  driver      in the test driver, in process: the operators and stores, without a log

Options
  --n         records; default: each workload's own (${Object.entries(WORKLOADS)
    .map(([name, { count }]) => `${name} ${count}`)
    .join(', ')})
  --repeat    measured passes after the warm-up; default 1
  --json      one JSON line for each pass

Each pass's checksum is compared with Java's where that was recorded. Exit code 1: one differed.
`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      n: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [mode, ...names] = positionals
  if (values.help || mode === undefined) {
    process.stdout.write(HELP)
    return values.help ? 0 : 2
  }
  if (mode !== 'driver') throw new RangeError(`Unknown mode '${mode}': give driver. See --help.`)
  let allEqual = true
  for (const workload of (names.length > 0 ? names : Object.keys(WORKLOADS)).map(workloadNamed)) {
    const count = values.n === undefined ? WORKLOADS[workload].count : wholeNumber('--n', values.n)
    const java = expectedChecksums(workload, count, 1)
    for (const pass of runDriver(workload, count, wholeNumber('--repeat', values.repeat))) {
      const equal = java === undefined ? 'not recorded' : agree(java, pass)
      if (equal === false) allEqual = false
      process.stdout.write(
        values.json
          ? `${JSON.stringify({ ...pass, equalsJava: equal })}\n`
          : `${workload} ${pass.mode}: ${pass.records} records in ${pass.seconds.toFixed(2)} s, ${pass.recordsPerSec}/s, ` +
              `checksum ${pass.checksum}${equal === true ? " (Java's)" : equal === false ? ` (Java's: ${java?.checksum})` : ''}\n`,
      )
    }
  }
  return allEqual ? 0 : 1
}

/** Equal in every checksum that was recorded. */
function agree(java: ExpectedChecksums, pass: DriverPass): boolean {
  return (
    java.checksum === pass.checksum &&
    (java.checksumTs ?? pass.checksumTs) === pass.checksumTs &&
    (java.checksumOrdered ?? pass.checksumOrdered) === pass.checksumOrdered
  )
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`${option} takes a whole number above 0, not '${text}'.`)
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
