import { Admin, type Cluster, type TopicMetadata } from '@millrace/kafka-client'
import {
  type Arguments,
  connectionOptions,
  connectionUsage,
  oneWord,
  pairs,
  parseArguments,
  withCluster,
} from './arguments.ts'
import { type Command, type CommandIo, UsageError } from './command.ts'
import { counted } from './counted.ts'
import { offsetSpecOf } from './offset-spec.ts'
import { printRows } from './table.ts'

export const topicsCommand: Command = {
  usage: `usage: millrace topics list [--internal]
       millrace topics describe TOPIC
       millrace topics create TOPIC [--partitions N] [--replication-factor N] [--config NAME=VALUE]… [--if-not-exists]
       millrace topics delete TOPIC… [--if-exists]
       millrace topics add-partitions TOPIC --partitions N
       millrace topics offsets TOPIC [--time earliest|latest|max-timestamp|TIME]
       millrace topics delete-records TOPIC --partition N --before OFFSET|latest

  --partitions N             partitions in all; default the broker's
  --time TIME                the first record at or after a time such as 2026-01-31T12:00:00Z, or Unix ms
${connectionUsage}`,

  async run(args, io) {
    const parsed = parseArguments(args, {
      ...connectionOptions,
      internal: { type: 'boolean' },
      partitions: { type: 'string' },
      'replication-factor': { type: 'string' },
      config: { type: 'string', multiple: true },
      'if-not-exists': { type: 'boolean' },
      'if-exists': { type: 'boolean' },
      time: { type: 'string' },
      partition: { type: 'string' },
      before: { type: 'string' },
    })
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
    const topics = await new Admin(cluster).listTopics()
    const shown = topics.filter((topic) => args.flag('internal') || !topic.isInternal)
    const rows = shown.map((topic) => ({
      topic: topic.name,
      partitions: topic.partitions.length,
      replicas: topic.partitions[0]?.replicas.length ?? 0,
    }))
    printRows(rows, io, args.flag('json'))
  },
  describe: async (words, args, cluster, io) => {
    const admin = new Admin(cluster)
    const topic = await admin.describeTopic(oneWord(words, 'TOPIC'))
    const offsets = await Promise.all([listOffsets(admin, topic, 'earliest'), listOffsets(admin, topic, 'latest')])
    const rows = topic.partitions.map(({ partition, leaderId, replicas, inSyncReplicas }) => ({
      partition,
      leader: leaderId,
      replicas: replicas.join(','),
      'in-sync': inSyncReplicas.join(','),
      start: offsets[0].get(partition) ?? -1,
      end: offsets[1].get(partition) ?? -1,
    }))
    const configs = (await admin.describeConfigs('topic', topic.name)).filter((entry) => !entry.isDefault)
    const set = configs.map(({ name, value }) => `${name}=${value}`)
    if (args.flag('json')) {
      const configsByName = Object.fromEntries(configs.map(({ name, value }) => [name, value]))
      const { name, topicId } = topic
      io.print(JSON.stringify({ topic: name, topicId, configs: configsByName, partitions: rows }, null, 2))
      return
    }
    io.print(`topic ${topic.name}, id ${topic.topicId}, configs ${set.length === 0 ? 'default' : set.join(' ')}`)
    printRows(rows, io, false)
  },
  create: async (words, args, cluster, io) => {
    const name = oneWord(words, 'TOPIC')
    const partitions = args.number('partitions', 1)
    const replicationFactor = args.number('replication-factor', 1)
    try {
      await new Admin(cluster).createTopic({
        name,
        configs: pairs(args.texts('config'), '--config'),
        ...(partitions === undefined ? {} : { partitions }),
        ...(replicationFactor === undefined ? {} : { replicationFactor }),
      })
    } catch (error) {
      if (!(args.flag('if-not-exists') && codeOf(error) === 'TOPIC_ALREADY_EXISTS')) throw error
      io.print(`topic ${name} exists already`)
      return
    }
    io.print(`created topic ${name}`)
  },
  delete: async (words, args, cluster, io) => {
    if (words.length === 0) throw new UsageError('TOPIC is missing')
    for (const name of words) {
      try {
        await new Admin(cluster).deleteTopic(name)
        io.print(`deleted topic ${name}`)
      } catch (error) {
        if (!(args.flag('if-exists') && codeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION')) throw error
      }
    }
  },
  'add-partitions': async (words, args, cluster, io) => {
    const name = oneWord(words, 'TOPIC')
    const partitions = args.number('partitions', 1)
    if (partitions === undefined) throw new UsageError('--partitions is missing')
    await new Admin(cluster).createPartitions(name, partitions)
    io.print(`topic ${name} has ${counted(partitions, 'partition')}`)
  },
  offsets: async (words, args, cluster, io) => {
    const admin = new Admin(cluster)
    const topic = await admin.describeTopic(oneWord(words, 'TOPIC'))
    const offsets = await listOffsets(admin, topic, args.text('time') ?? 'latest')
    const rows = topic.partitions.map(({ partition }) => ({ partition, offset: offsets.get(partition) ?? -1 }))
    printRows(rows, io, args.flag('json'))
  },
  'delete-records': async (words, args, cluster, io) => {
    const topic = oneWord(words, 'TOPIC')
    const partition = args.number('partition')
    const before = args.text('before') === 'latest' ? -1 : args.number('before')
    if (partition === undefined || before === undefined) throw new UsageError('--partition and --before are wanted')
    const start = await new Admin(cluster).deleteRecords({ topic, partition }, before)
    io.print(`${topic}-${partition} begins at offset ${start}`)
  },
}

async function listOffsets(admin: Admin, topic: TopicMetadata, time: string): Promise<Map<number, number>> {
  const partitions = topic.partitions.map(({ partition }) => ({ topic: topic.name, partition }))
  const listed = await admin.listOffsets(partitions, offsetSpecOf(time))
  return new Map(listed.map(({ partition, offset }) => [partition, offset]))
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
