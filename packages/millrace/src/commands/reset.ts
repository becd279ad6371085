import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Admin, type Cluster, GroupAdmin } from '@millrace/kafka-client'
import { leaveGroupApi } from '@millrace/kafka-protocol/messages'
import { isInternalTopicOf, StateDirectory } from '@millrace/streams-core/internal'
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
import { placeOptions, placeUsage, wantedOffsets } from './reset-places.ts'

export const resetCommand: Command = {
  usage: `usage: millrace reset APPLICATION-ID [--input-topics TOPIC,…] [PLACE] [--internal-topics TOPIC,…] [--state-dir DIR]
                      [--force] [--execute]

Takes an application back, so that it begins anew: its offsets in the input topics go to a place, and its internal topics
(APPLICATION-ID-…-changelog, …-repartition and those of foreign-key joins) are deleted. The application must not run.

  --application-id ID        in place of the word
  --input-topics TOPIC,…     default: all topics of which the application has committed offsets (also --input-topic, repeatable)
${placeUsage}
  --internal-topics TOPIC,…  delete only these (also --internal-topic, repeatable)
  --state-dir DIR            remove the local state under DIR too; without it the application does so (KafkaStreams.cleanUp)
  --force                    remove members from the group first, such as static ones whose session has not ended
  --dry-run                  only show what would be done: the default
  --execute                  do it
${connectionUsage}`,

  async run(args, io) {
    const parsed = parseArguments(withStepsBack(args), {
      ...connectionOptions,
      ...placeOptions,
      'application-id': { type: 'string' },
      'input-topic': { type: 'string', multiple: true },
      'input-topics': { type: 'string', multiple: true },
      'internal-topic': { type: 'string', multiple: true },
      'internal-topics': { type: 'string', multiple: true },
      'state-dir': { type: 'string' },
      force: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      execute: { type: 'boolean' },
    })
    const named = parsed.text('application-id')
    const applicationId =
      named !== undefined && parsed.words.length === 0 ? named : oneWord(parsed.words, 'APPLICATION-ID')
    if (parsed.flag('dry-run') && parsed.flag('execute'))
      throw new UsageError('--dry-run and --execute exclude one another')
    await withCluster(parsed, (cluster) => reset(applicationId, parsed, cluster, io))
    if (!parsed.flag('execute')) io.complain('nothing was changed; add --execute')
    return 0
  },
}

/** `--shift-by -2` as one word, because `-2` looks like an option. */
function withStepsBack(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, i) => {
    if (arg === '--shift-by' && /^-\d+$/.test(args[i + 1] ?? '')) return [`${arg}=${args[i + 1]}`]
    return /^-\d+$/.test(arg) && args[i - 1] === '--shift-by' ? [] : [arg]
  })
}

async function reset(applicationId: string, args: Arguments, cluster: Cluster, io: CommandIo): Promise<void> {
  const isReal = args.flag('execute')
  const groups = new GroupAdmin(cluster)
  await endMembers(applicationId, args, cluster, io)
  const admin = new Admin(cluster)
  const internal = await internalTopics(applicationId, topicsOf(args, 'internal-topic'), admin)
  const committed = await groups.committedOffsets(applicationId)
  const names = topicsOf(args, 'input-topic')
  const inputs = new Set(names.length > 0 ? names : committed.map(({ topic }) => topic))
  for (const topic of internal) inputs.delete(topic)
  const topics = await Promise.all([...inputs].map((topic) => cluster.topic(topic)))
  const partitions = topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partition }) => ({ topic: name, partition })),
  )
  const offsets = await wantedOffsets(applicationId, partitions, args, Date.now(), cluster)
  const stateDirs = stateDirsOf(args.text('state-dir'), applicationId)
  for (const { topic, partition, offset } of offsets) io.print(`offset of ${topic}-${partition} becomes ${offset}`)
  for (const topic of internal) io.print(`topic ${topic} is deleted`)
  for (const dir of stateDirs) io.print(`local state in ${join(dir, applicationId)} is removed`)
  if (!isReal) return
  if (offsets.length > 0) await groups.setOffsets(applicationId, offsets)
  for (const topic of internal) await admin.deleteTopic(topic)
  for (const dir of stateDirs) new StateDirectory(dir, applicationId).clean()
}

/** Comma-separated in the plural, one each in the singular. */
function topicsOf(args: Arguments, option: 'input-topic' | 'internal-topic'): readonly string[] {
  return [...args.texts(option), ...args.texts(`${option}s`).flatMap((list) => list.split(','))].filter(
    (topic) => topic !== '',
  )
}

async function endMembers(applicationId: string, args: Arguments, cluster: Cluster, io: CommandIo): Promise<void> {
  const groups = new GroupAdmin(cluster)
  const listed = (await groups.listGroups()).find(({ groupId }) => groupId === applicationId)
  if (listed === undefined) return
  const { members } = await groups.describeGroup(applicationId)
  if (members.length === 0) return
  if (!args.flag('force')) {
    throw new UsageError(
      `${applicationId} runs: it has ${counted(members.length, 'member')}; stop it first, or if it has ended without saying so, add --force`,
    )
  }
  for (const { memberId, clientHost } of members)
    io.print(`member ${memberId} of ${clientHost} is removed from the group`)
  if (!args.flag('execute')) return
  await cluster.retrying(async () => {
    const coordinator = await cluster.coordinatorOf('group', applicationId)
    await cluster.request(coordinator, leaveGroupApi, {
      groupId: applicationId,
      memberId: members[0]!.memberId,
      members: members.map(({ memberId, groupInstanceId }) => ({ memberId, groupInstanceId: groupInstanceId ?? null })),
    })
  })
}

async function internalTopics(applicationId: string, named: readonly string[], admin: Admin): Promise<string[]> {
  const topics = (await admin.listTopics()).map(({ name }) => name)
  for (const name of named) {
    if (!isInternalTopicOf(applicationId, name) || !topics.includes(name))
      throw new UsageError(`${name} is no internal topic of ${applicationId}`)
  }
  return named.length > 0 ? [...named] : topics.filter((name) => isInternalTopicOf(applicationId, name))
}

/** The folders under which the application, or workers of it, have state. */
function stateDirsOf(stateDir: string | undefined, applicationId: string): readonly string[] {
  if (stateDir === undefined || !existsSync(stateDir)) return []
  const workers = readdirSync(stateDir).filter((name) => /^worker-\d+$/.test(name))
  return [stateDir, ...workers.map((name) => join(stateDir, name))].filter((dir) =>
    existsSync(join(dir, applicationId)),
  )
}
