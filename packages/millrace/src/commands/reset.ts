import { Admin, type Cluster, GroupAdmin } from '@millrace/kafka-client'
import {
  type Arguments,
  connectionOptions,
  connectionUsage,
  oneWord,
  parseArguments,
  withCluster,
} from './arguments.ts'
import { type Command, type CommandIo, UsageError } from './command.ts'
import { newOffsets } from './new-offsets.ts'

export const resetCommand: Command = {
  usage: `usage: millrace reset APPLICATION-ID [--input-topic TOPIC]… [--to PLACE] [--internal-topic TOPIC]… [--execute]

Takes an application back, so that it begins anew: its offsets in the input topics go to PLACE, and its internal topics
(APPLICATION-ID-…-changelog and …-repartition) are deleted. The application must not run. Local state must be removed
by the application itself (KafkaStreams.cleanUp) or by removing its state directory.

  --input-topic TOPIC        repeatable; default: all topics of which the application has committed offsets
  --to PLACE                 as in millrace groups reset-offsets; default earliest
  --internal-topic TOPIC     delete only these; repeatable
  --execute                  do it; without it what would be done is only shown
${connectionUsage}`,

  async run(args, io) {
    const parsed = parseArguments(args, {
      ...connectionOptions,
      'input-topic': { type: 'string', multiple: true },
      'internal-topic': { type: 'string', multiple: true },
      to: { type: 'string' },
      execute: { type: 'boolean' },
    })
    const applicationId = oneWord(parsed.words, 'APPLICATION-ID')
    await withCluster(parsed, (cluster) => reset(applicationId, parsed, cluster, io))
    if (!parsed.flag('execute')) io.complain('nothing was changed; add --execute')
    return 0
  },
}

async function reset(applicationId: string, args: Arguments, cluster: Cluster, io: CommandIo): Promise<void> {
  const groups = new GroupAdmin(cluster)
  await refuseWhileRunning(applicationId, groups)
  const admin = new Admin(cluster)
  const internal = await internalTopics(applicationId, args.texts('internal-topic'), admin)
  const committed = await groups.committedOffsets(applicationId)
  const names = args.texts('input-topic')
  const inputs = new Set(names.length > 0 ? names : committed.map(({ topic }) => topic))
  for (const topic of internal) inputs.delete(topic)
  const topics = await Promise.all([...inputs].map((topic) => cluster.topic(topic)))
  const partitions = topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partition }) => ({ topic: name, partition })),
  )
  const offsets = await newOffsets(applicationId, partitions, args.text('to') ?? 'earliest', cluster)
  for (const { topic, partition, offset } of offsets) io.print(`offset of ${topic}-${partition} becomes ${offset}`)
  for (const topic of internal) io.print(`topic ${topic} is deleted`)
  if (!args.flag('execute')) return
  if (offsets.length > 0) await groups.setOffsets(applicationId, offsets)
  for (const topic of internal) await admin.deleteTopic(topic)
}

async function refuseWhileRunning(applicationId: string, groups: GroupAdmin): Promise<void> {
  const listed = (await groups.listGroups()).find(({ groupId }) => groupId === applicationId)
  if (listed === undefined) return
  const { members } = await groups.describeGroup(applicationId)
  if (members.length > 0) {
    throw new UsageError(`${applicationId} runs: it has ${members.length} members; stop it first`)
  }
}

async function internalTopics(applicationId: string, named: readonly string[], admin: Admin): Promise<string[]> {
  const isInternal = (name: string): boolean =>
    name.startsWith(`${applicationId}-`) && (name.endsWith('-changelog') || name.endsWith('-repartition'))
  const topics = (await admin.listTopics()).map(({ name }) => name)
  for (const name of named) {
    if (!isInternal(name) || !topics.includes(name))
      throw new UsageError(`${name} is no internal topic of ${applicationId}`)
  }
  return named.length > 0 ? [...named] : topics.filter(isInternal)
}
