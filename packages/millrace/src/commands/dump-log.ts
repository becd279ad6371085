import { readFileSync } from 'node:fs'
import { prepareCompression } from '@millrace/kafka-protocol'
import { dumpFile } from '@millrace/log-engine'
import { parseArguments } from './arguments.ts'
import { type Command, UsageError } from './command.ts'

export const dumpLogCommand: Command = {
  usage: `usage: millrace dump-log FILE… [--batches]

Prints what a file of a partition's folder holds: .log, .index, .timeindex, .txnindex, .snapshot. Files that Kafka wrote
are read as well.

  --batches  of a .log only the batches, not their records`,

  async run(args, io) {
    const parsed = parseArguments(args, { batches: { type: 'boolean' } })
    if (parsed.words.length === 0) throw new UsageError('FILE is missing')
    await prepareCompression()
    for (const path of parsed.words) {
      if (parsed.words.length > 1) io.print(`${path}:`)
      for (const line of dumpFile(path, readFileSync(path), { records: !parsed.flag('batches') })) io.print(line)
    }
    return 0
  },
}
