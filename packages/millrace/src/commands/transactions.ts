import { type Cluster, TransactionAdmin } from '@millrace/kafka-client'
import {
  type Arguments,
  connectionOptions,
  connectionUsage,
  oneWord,
  parseArguments,
  withCluster,
} from './arguments.ts'
import { type Command, type CommandIo, UsageError } from './command.ts'
import { printRows } from './table.ts'

export const transactionsCommand: Command = {
  usage: `usage: millrace transactions list
       millrace transactions describe TRANSACTIONAL-ID
       millrace transactions producers TOPIC PARTITION

${connectionUsage}`,

  async run(args, io) {
    const parsed = parseArguments(args, connectionOptions)
    const [action, ...words] = parsed.words
    const run = action === undefined ? undefined : actions[action]
    if (run === undefined)
      throw new UsageError(action === undefined ? 'an action is missing' : `unknown action '${action}'`)
    await withCluster(parsed, (cluster) => run(words, parsed, cluster, io))
    return 0
  },
}

type Action = (words: readonly string[], args: Arguments, cluster: Cluster, io: CommandIo) => Promise<void>

const actions: Readonly<Record<string, Action>> = {
  list: async (_words, args, cluster, io) => {
    const listed = await new TransactionAdmin(cluster).listTransactions()
    const rows = listed.map(({ transactionalId, producerId, state }) => ({
      id: transactionalId,
      producer: producerId,
      state,
    }))
    printRows(rows, io, args.flag('json'))
  },
  describe: async (words, args, cluster, io) => {
    const found = await new TransactionAdmin(cluster).describeTransaction(oneWord(words, 'TRANSACTIONAL-ID'))
    const row = {
      id: found.transactionalId,
      producer: found.producerId,
      epoch: found.producerEpoch,
      state: found.state,
      'timeout-ms': found.timeoutMs,
      started: found.startTime < 0 ? null : new Date(found.startTime).toISOString(),
      partitions: found.partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(' '),
    }
    printRows([row], io, args.flag('json'))
  },
  producers: async ([topic, partition, ...more], args, cluster, io) => {
    if (topic === undefined || partition === undefined || !/^\d+$/.test(partition) || more.length > 0) {
      throw new UsageError('TOPIC and PARTITION are wanted')
    }
    const found = await new TransactionAdmin(cluster).describeProducers({ topic, partition: Number(partition) })
    const rows = found.map((producer) => ({
      producer: producer.producerId,
      epoch: producer.producerEpoch,
      'last-sequence': producer.lastSequence,
      'last-time': new Date(producer.lastTimestamp).toISOString(),
      'transaction-start': producer.transactionStartOffset < 0 ? null : producer.transactionStartOffset,
    }))
    printRows(rows, io, args.flag('json'))
  },
}
