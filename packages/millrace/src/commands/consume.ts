import {
  Admin,
  type Cluster,
  type FetchedPartition,
  type FetchedRecord,
  Fetcher,
  type FetchPosition,
  GroupConsumer,
} from '@millrace/kafka-client'
import { prepareCompression } from '@millrace/kafka-protocol'
import { type Arguments, connectionOptions, connectionUsage, parseArguments, withCluster } from './arguments.ts'
import { textOf, type ValueType, valueTypeOf } from './bytes-text.ts'
import { type Command, type CommandIo, UsageError } from './command.ts'
import { offsetSpecOf } from './offset-spec.ts'

export const consumeCommand: Command = {
  usage: `usage: millrace consume TOPIC… [options]

  --from-beginning           from the first record; default: what comes from now on
  --from TIME|OFFSET         from a time (2026-01-31T12:00:00Z), or with --partition from offset +N such as +42
  --partition N              only this partition; repeatable
  --until-end                stop at the end that the topic has now
  --max-records N            stop after so many
  --timeout-ms N             stop when nothing has come for so long
  --group GROUP              as a member of the group: from its committed offsets on, and committing
  --isolation LEVEL          read_committed (default) or read_uncommitted
  --format text|json         default text: the value; json: one object a line
  --keys --headers --timestamps --partitions --offsets
                             with text: print these too, before the value, with a tab between
  --key-type, --value-type   string (default), int32, int64, float64, hex or base64
${connectionUsage.replace('print JSON', 'the same as --format json')}`,

  async run(args, io) {
    const parsed = parseArguments(args, {
      ...connectionOptions,
      'from-beginning': { type: 'boolean' },
      from: { type: 'string' },
      partition: { type: 'string', multiple: true },
      'until-end': { type: 'boolean' },
      'max-records': { type: 'string' },
      'timeout-ms': { type: 'string' },
      group: { type: 'string' },
      isolation: { type: 'string' },
      format: { type: 'string' },
      keys: { type: 'boolean' },
      headers: { type: 'boolean' },
      timestamps: { type: 'boolean' },
      partitions: { type: 'boolean' },
      offsets: { type: 'boolean' },
      'key-type': { type: 'string' },
      'value-type': { type: 'string' },
    })
    if (parsed.words.length === 0) throw new UsageError('TOPIC is missing')
    const print = recordPrinter(parsed, io)
    await prepareCompression()
    await withCluster(parsed, async (cluster) => {
      const source = await openSource(parsed, cluster)
      try {
        await consume(source, parsed, print, io)
      } finally {
        await source.close()
      }
    })
    return 0
  },
}

/** Where records come from: partitions of one's own, or those of a member of a group. */
interface Source {
  poll(): Promise<readonly FetchedPartition[]>
  /** Whether nothing more is to be read. */
  isAtEnd(): boolean
  commit(): Promise<void>
  close(): Promise<void>
}

const pollWaitMs = 250

async function consume(
  source: Source,
  args: Arguments,
  print: (record: FetchedRecord) => void,
  io: CommandIo,
): Promise<void> {
  let left = args.number('max-records', 1) ?? Number.POSITIVE_INFINITY
  const timeoutMs = args.number('timeout-ms', 1) ?? Number.POSITIVE_INFINITY
  let lastRecordAt = performance.now()
  while (left > 0 && !io.stopped.aborted && !source.isAtEnd()) {
    const fetched = await source.poll()
    for (const { records } of fetched) {
      for (const record of records) {
        if (left <= 0) return
        print(record)
        left--
        lastRecordAt = performance.now()
      }
    }
    await source.commit()
    if (performance.now() - lastRecordAt > timeoutMs) return
  }
}

async function openSource(args: Arguments, cluster: Cluster): Promise<Source> {
  const isolation = args.text('isolation') ?? 'read_committed'
  if (isolation !== 'read_committed' && isolation !== 'read_uncommitted') {
    throw new UsageError(`--isolation is '${isolation}', but must be read_committed or read_uncommitted`)
  }
  const groupId = args.text('group')
  if (groupId === undefined) return partitionSource(args, cluster, isolation)
  if (args.texts('partition').length > 0 || args.text('from') !== undefined || args.flag('until-end')) {
    throw new UsageError('--partition, --from and --until-end are not for members of a group')
  }
  const offsetReset = args.flag('from-beginning') ? 'earliest' : 'latest'
  const options = { groupId, topics: args.words, isolation, offsetReset, maxWaitMs: pollWaitMs } as const
  const consumer = new GroupConsumer(cluster, options)
  return {
    poll: () => consumer.poll(),
    isAtEnd: () => false,
    commit: () => consumer.commit(),
    close: () => consumer.close(),
  }
}

async function partitionSource(
  args: Arguments,
  cluster: Cluster,
  isolation: 'read_committed' | 'read_uncommitted',
): Promise<Source> {
  const fetcher = new Fetcher(cluster, { isolation, maxWaitMs: pollWaitMs })
  let positions = await startPositions(args, cluster)
  const ends = new Map<string, number>()
  if (args.flag('until-end')) {
    for (const { topic, partition, offset } of await new Admin(cluster).listOffsets(positions, 'latest')) {
      ends.set(`${topic}/${partition}`, offset)
    }
  }
  const isBeforeEnd = ({ topic, partition, offset }: FetchPosition): boolean =>
    offset < (ends.get(`${topic}/${partition}`) ?? Number.POSITIVE_INFINITY)
  return {
    async poll() {
      const fetched = await fetcher.fetch(positions)
      positions = fetched
        .map(({ topic, partition, nextOffset }) => ({ topic, partition, offset: nextOffset }))
        .filter(isBeforeEnd)
      return fetched
    },
    isAtEnd: () => !positions.some(isBeforeEnd),
    commit: async () => undefined,
    close: async () => undefined,
  }
}

async function startPositions(args: Arguments, cluster: Cluster): Promise<FetchPosition[]> {
  const wanted = new Set(args.texts('partition').map(Number))
  const topics = await Promise.all(args.words.map((name) => cluster.retrying(() => cluster.topic(name))))
  const partitions = topics.flatMap((topic) =>
    topic.partitions
      .filter(({ partition }) => wanted.size === 0 || wanted.has(partition))
      .map(({ partition }) => ({ topic: topic.name, partition })),
  )
  if (partitions.length === 0)
    throw new UsageError(`${args.words.join(', ')} has no partition ${[...wanted].join(', ')}`)
  const from = args.text('from')
  if (from !== undefined && /^\+\d+$/.test(from)) {
    if (wanted.size === 0) throw new UsageError('--from with an offset needs --partition')
    return partitions.map((one) => ({ ...one, offset: Number(from) }))
  }
  const spec = offsetSpecOf(from ?? (args.flag('from-beginning') ? 'earliest' : 'latest'))
  const admin = new Admin(cluster)
  const listed = await admin.listOffsets(partitions, spec)
  const late = listed.filter(({ offset }) => offset < 0)
  // No record is late enough: from the end on.
  const ends = late.length === 0 ? [] : await admin.listOffsets(late, 'latest')
  return [...listed.filter(({ offset }) => offset >= 0), ...ends]
}

function recordPrinter(args: Arguments, io: CommandIo): (record: FetchedRecord) => void {
  const keyType = valueTypeOf(args.text('key-type'))
  const valueType = valueTypeOf(args.text('value-type'))
  const format = args.text('format') ?? (args.flag('json') ? 'json' : 'text')
  if (format === 'json') return (record) => io.print(JSON.stringify(jsonOf(record, keyType, valueType)))
  if (format !== 'text') throw new UsageError(`--format is '${format}', but must be text or json`)
  const text = (bytes: Uint8Array | null, type: ValueType): string => (bytes === null ? 'null' : textOf(bytes, type))
  const columns: ((record: FetchedRecord) => string)[] = []
  if (args.flag('partitions')) columns.push(({ topic, partition }) => `${topic}-${partition}`)
  if (args.flag('offsets')) columns.push(({ offset }) => `${offset}`)
  if (args.flag('timestamps')) columns.push(({ timestamp }) => new Date(timestamp).toISOString())
  if (args.flag('headers')) {
    columns.push(({ headers }) => headers.map(({ key, value }) => `${key}=${text(value, 'string')}`).join(',') || '-')
  }
  if (args.flag('keys')) columns.push(({ key }) => text(key, keyType))
  columns.push(({ value }) => text(value, valueType))
  return (record) => io.print(columns.map((column) => column(record)).join('\t'))
}

function jsonOf(
  { topic, partition, offset, timestamp, key, value, headers }: FetchedRecord,
  keyType: ValueType,
  valueType: ValueType,
) {
  const text = (bytes: Uint8Array | null, type: ValueType): string | null =>
    bytes === null ? null : textOf(bytes, type)
  const headerTexts = headers.map((header) => [header.key, text(header.value, 'string')] as const)
  return {
    topic,
    partition,
    offset,
    timestamp,
    key: text(key, keyType),
    value: text(value, valueType),
    headers: Object.fromEntries(headerTexts),
  }
}
