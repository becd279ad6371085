#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { type LocatedCase, readCases } from './case-files.ts'
import { reportOn } from './on/report-on.ts'
import { mayDiffer, verdict } from './verdict.ts'

const usage = `Runs recorded cases of Java Kafka Streams through the DSL and compares.

usage: npm run conformance -- [options] DIR…

  DIR             a folder with case files (searched to the bottom), or one case file
  --filter TEXT   only cases whose name contains the text
  --default       only under the default, where Java's known defects are not reproduced
  --quirks        only with java.quirks on
  --on PLACE      through a running application instead of the test driver, record by record: standalone (the bundled
                  log), or HOST:PORT of a broker, on which topics are created and deleted, named conformance-…, and
                  after the cases that compute names of topics
  --help          this text

Cases are run with java.quirks on, then under the default; cases tagged quirk, emit-close or suppress-old-value
may differ in the second run. The last line is 'N passed, N failed'; the exit code is 0 when none failed.`

interface Options {
  readonly folders: readonly string[]
  readonly filter: string
  readonly on: string | undefined
  readonly runs: { readonly quirks: boolean; readonly plain: boolean }
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args)
    if (options === undefined) {
      console.log(usage)
      return 0
    }
    return options.on === undefined ? report(options) : await reportPlace(options, options.on)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    console.error(`conformance: ${message.split('. ')[0]}; see --help`)
    return 2
  }
}

/** @throws Error for an unknown option, and without a folder. Undefined: help was asked for. */
function readOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      filter: { type: 'string', default: '' },
      default: { type: 'boolean', default: false },
      quirks: { type: 'boolean', default: false },
      on: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  if (positionals.length === 0) throw new Error('no folder with cases was given')
  return {
    folders: positionals,
    filter: values.filter,
    on: values.on,
    runs: { quirks: !values.default, plain: !values.quirks },
  }
}

function report({ folders, filter, runs }: Options): number {
  const cases = readCases(folders).filter(({ file }) => file.name.includes(filter))
  const failed = new Set<LocatedCase>()
  if (runs.quirks) reportQuirks(cases, failed)
  if (runs.plain) reportDefault(cases, failed)
  console.log(`${cases.length - failed.size} passed, ${failed.size} failed`)
  return failed.size === 0 ? 0 : 1
}

/** Cases that cannot be compared there are counted by reason. */
async function reportPlace({ folders, filter }: Options, where: string): Promise<number> {
  const cases = readCases(folders).filter(({ file }) => file.name.includes(filter))
  const place =
    where === 'standalone'
      ? (await import('./on/standalone-place.ts')).standalonePlace()
      : (await import('./on/cluster-place.ts')).clusterPlace(where)
  try {
    const { passed, failed, differing, skipped } = await reportOn(cases, place, (name, difference) =>
      console.log(`FAILED on ${where}: ${name}: ${difference}`),
    )
    for (const [name, reason] of differing) console.log(`${name} differs, as it may: ${reason}`)
    for (const [reason, count] of skipped) console.log(`${count} skipped: ${reason}`)
    console.log(`${passed} passed, ${failed.length} failed`)
    return failed.length === 0 ? 0 : 1
  } finally {
    await place.close()
  }
}

function reportQuirks(cases: readonly LocatedCase[], failed: Set<LocatedCase>): void {
  for (const located of cases) {
    const difference = verdict(located.file, { quirks: true })
    if (difference === undefined) continue
    failed.add(located)
    console.log(`FAILED ${located.file.name}: ${difference}`)
  }
}

/** Which cases differ without `java.quirks`; those that have no tag which allows it fail. */
function reportDefault(cases: readonly LocatedCase[], failed: Set<LocatedCase>): void {
  const differing: string[] = []
  for (const located of cases) {
    const { file } = located
    const difference = verdict(file, { quirks: false })
    if (difference === undefined) continue
    if (mayDiffer(file)) differing.push(`${file.name} [${file.tags!.join(', ')}]: ${difference}`)
    else if (!failed.has(located)) {
      failed.add(located)
      console.log(`FAILED under the default, where it must not differ: ${file.name}: ${difference}`)
    }
  }
  console.log(`under the default ${differing.length} cases differ, as their tags allow (docs/compatibility.md):`)
  for (const line of differing) console.log(`  ${line}`)
}
