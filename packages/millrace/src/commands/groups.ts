import { Admin, type Cluster, type CommittedOffset, GroupAdmin, type TopicPartition } from '@millrace/kafka-client'
import {
  type Arguments,
  connectionOptions,
  connectionUsage,
  oneWord,
  parseArguments,
  withCluster,
} from './arguments.ts'
import { type Command, type CommandIo, UsageError } from './command.ts'
import { counted } from './counted.ts'
import { newOffsets } from './new-offsets.ts'
import { printRows } from './table.ts'

export const groupsCommand: Command = {
  usage: `usage: millrace groups list
       millrace groups describe GROUP [--members]
       millrace groups reset-offsets GROUP --to PLACE [--topic TOPIC[:N,…]]… [--execute]
       millrace groups delete-offsets GROUP --topic TOPIC[:N,…]
       millrace groups delete GROUP…

  --to PLACE                 earliest, latest, current, OFFSET, a time such as 2026-01-31T12:00:00Z, or +N / -N from now
  --topic TOPIC[:N,…]        default: all topics of which the group has committed offsets
  --execute                  do it; without it the new offsets are only shown
${connectionUsage}`,

  async run(args, io) {
    const parsed = parseArguments(args, {
      ...connectionOptions,
      members: { type: 'boolean' },
      to: { type: 'string' },
      topic: { type: 'string', multiple: true },
      execute: { type: 'boolean' },
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
    const groups = await new GroupAdmin(cluster).listGroups()
    const rows = groups.map(({ groupId, state, protocolType }) => ({ group: groupId, state, type: protocolType }))
    printRows(rows, io, args.flag('json'))
  },
  describe: async (words, args, cluster, io) => {
    const groupId = oneWord(words, 'GROUP')
    const admin = new GroupAdmin(cluster)
    const group = await admin.describeGroup(groupId)
    if (args.flag('members')) {
      const rows = group.members.map((member) => ({
        member: member.memberId,
        instance: member.groupInstanceId,
        client: member.clientId,
        host: member.clientHost,
        partitions: member.partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(' '),
      }))
      printRows(rows, io, args.flag('json'))
      return
    }
    const owners = new Map(
      group.members.flatMap((member) => member.partitions.map((one) => [nameOf(one), member.memberId] as const)),
    )
    const rows = await offsetRows(await admin.committedOffsets(groupId), owners, cluster)
    if (!args.flag('json')) io.print(`group ${groupId}, ${group.state}, ${counted(group.members.length, 'member')}`)
    printRows(rows, io, args.flag('json'))
  },
  'reset-offsets': async (words, args, cluster, io) => {
    const groupId = oneWord(words, 'GROUP')
    const place = args.text('to')
    if (place === undefined) throw new UsageError('--to is missing')
    const admin = new GroupAdmin(cluster)
    const partitions = await partitionsOf(groupId, args, cluster)
    const offsets = await newOffsets(groupId, partitions, place, cluster)
    if (args.flag('execute')) await admin.setOffsets(groupId, offsets)
    const rows = offsets.map(({ topic, partition, offset }) => ({ topic, partition, 'new-offset': offset }))
    printRows(rows, io, args.flag('json'))
    if (!args.flag('execute')) io.complain('nothing was changed; add --execute')
  },
  'delete-offsets': async (words, args, cluster, io) => {
    const groupId = oneWord(words, 'GROUP')
    if (args.texts('topic').length === 0) throw new UsageError('--topic is missing')
    const partitions = await partitionsOf(groupId, args, cluster)
    await new GroupAdmin(cluster).deleteOffsets(groupId, partitions)
    io.print(`deleted the offsets of ${counted(partitions.length, 'partition')}`)
  },
  delete: async (words, _args, cluster, io) => {
    if (words.length === 0) throw new UsageError('GROUP is missing')
    for (const groupId of words) {
      await new GroupAdmin(cluster).deleteGroup(groupId)
      io.print(`deleted group ${groupId}`)
    }
  },
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

async function offsetRows(
  committed: readonly CommittedOffset[],
  owners: ReadonlyMap<string, string>,
  cluster: Cluster,
) {
  const ends = committed.length === 0 ? [] : await new Admin(cluster).listOffsets(committed, 'latest')
  const endOf = new Map(ends.map((end) => [nameOf(end), end.offset]))
  const sorted = [...committed].sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition)
  return sorted.map((one) => {
    const end = endOf.get(nameOf(one)) ?? -1
    return {
      topic: one.topic,
      partition: one.partition,
      offset: one.offset,
      end,
      lag: end < 0 ? null : end - one.offset,
      member: owners.get(nameOf(one)) ?? null,
    }
  })
}

/** The partitions that `--topic` names, or all of which the group has committed offsets. */
async function partitionsOf(groupId: string, args: Arguments, cluster: Cluster): Promise<TopicPartition[]> {
  const texts = args.texts('topic')
  if (texts.length === 0) return new GroupAdmin(cluster).committedOffsets(groupId)
  const named = texts.map(async (text) => {
    const [topic = '', list] = text.split(':')
    if (list !== undefined) return list.split(',').map((partition) => ({ topic, partition: Number(partition) }))
    return (await cluster.topic(topic)).partitions.map(({ partition }) => ({ topic, partition }))
  })
  return (await Promise.all(named)).flat()
}
