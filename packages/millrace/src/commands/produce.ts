import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { type Cluster, Producer, type ProducerRecord } from '@millrace/kafka-client'
import { type CompressionType, compressionTypes, prepareCompression, type RecordHeader } from '@millrace/kafka-protocol'
import {
  type Arguments,
  connectionOptions,
  connectionUsage,
  oneWord,
  pairs,
  parseArguments,
  withCluster,
} from './arguments.ts'
import { bytesOf, valueTypeOf } from './bytes-text.ts'
import { type Command, type CommandIo, UsageError } from './command.ts'
import { counted } from './counted.ts'

export const produceCommand: Command = {
  usage: `usage: millrace produce TOPIC [options] <lines

Each line of standard input is a record.

  --format text              the line is the value (default)
  --format json              the line is { "key", "value", "headers": { NAME: VALUE }, "partition", "timestamp" }
  --key-separator TEXT       with text: what is before it is the key
  --null-value TEXT          a value that means null, a tombstone
  --key-type, --value-type   string (default), int32, int64, float64, hex or base64
  --header NAME=VALUE        for every record; repeatable
  --partition N              default: by the key, as Java does
  --acks all|1|0             default all
  --compression TYPE         none (default), gzip, snappy, lz4 or zstd
${connectionUsage}`,

  async run(args, io) {
    const parsed = parseArguments(args, {
      ...connectionOptions,
      format: { type: 'string' },
      'key-separator': { type: 'string' },
      'null-value': { type: 'string' },
      'key-type': { type: 'string' },
      'value-type': { type: 'string' },
      header: { type: 'string', multiple: true },
      partition: { type: 'string' },
      acks: { type: 'string' },
      compression: { type: 'string' },
    })
    const topic = oneWord(parsed.words, 'TOPIC')
    const toRecord = recordReader(topic, parsed)
    const acks = acksOf(parsed.text('acks'))
    const compression = compressionOf(parsed.text('compression'))
    await prepareCompression()
    const count = await withCluster(parsed, (cluster) => send(cluster, { acks, compression }, toRecord, io))
    io.print(
      parsed.flag('json') ? JSON.stringify({ topic, records: count }) : `${counted(count, 'record')} to ${topic}`,
    )
    return 0
  },
}

/** So many records wait for their acknowledgement at most. */
const maxUnacknowledged = 10_000

async function send(
  cluster: Cluster,
  options: { readonly acks: -1 | 0 | 1; readonly compression: CompressionType },
  toRecord: (line: string) => ProducerRecord,
  io: CommandIo,
): Promise<number> {
  const producer = new Producer(cluster, options)
  let failure: unknown
  let count = 0
  const lines = createInterface({ input: Readable.from(io.input), crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of lines) {
    if (failure !== undefined || io.stopped.aborted) break
    producer.send(toRecord(line)).catch((error) => {
      failure ??= error
    })
    count++
    if (count % maxUnacknowledged === 0) await producer.flush()
  }
  await producer.flush()
  if (failure !== undefined) throw failure
  return count
}

function recordReader(topic: string, args: Arguments): (line: string) => ProducerRecord {
  const keyType = valueTypeOf(args.text('key-type'))
  const valueType = valueTypeOf(args.text('value-type'))
  const nullValue = args.text('null-value')
  const separator = args.text('key-separator')
  const partition = args.number('partition')
  const headers = headersOf(pairs(args.texts('header'), '--header'))
  const common = { topic, ...(partition === undefined ? {} : { partition }) }
  const format = args.text('format') ?? 'text'
  if (format === 'text') {
    return (line) => {
      const at = separator === undefined ? -1 : line.indexOf(separator)
      const key = at < 0 ? null : line.slice(0, at)
      const value = at < 0 || separator === undefined ? line : line.slice(at + separator.length)
      return {
        ...common,
        key: key === null ? null : bytesOf(key, keyType),
        value: value === nullValue ? null : bytesOf(value, valueType),
        headers,
      }
    }
  }
  if (format !== 'json') throw new UsageError(`--format is '${format}', but must be text or json`)
  return (line) => {
    const parsed = parseLine(line)
    const toBytes = (value: unknown, type: typeof keyType): Uint8Array | null => {
      if (value === undefined || value === null) return null
      return bytesOf(typeof value === 'string' ? value : JSON.stringify(value), type)
    }
    return {
      ...common,
      ...(typeof parsed['partition'] === 'number' ? { partition: parsed['partition'] } : {}),
      ...(typeof parsed['timestamp'] === 'number' ? { timestamp: parsed['timestamp'] } : {}),
      key: toBytes(parsed['key'], keyType),
      value: toBytes(parsed['value'], valueType),
      headers: [...headers, ...headersOf((parsed['headers'] ?? {}) as Record<string, string>)],
    }
  }
}

function parseLine(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Reported below, as any other line that is no object.
  }
  throw new UsageError(`the line ${line.slice(0, 60)} is not a JSON object`)
}

function headersOf(headers: Readonly<Record<string, string>>): RecordHeader[] {
  return Object.entries(headers).map(([key, value]) => ({
    key,
    value: value === null ? null : Buffer.from(`${value}`),
  }))
}

function acksOf(text = 'all'): -1 | 0 | 1 {
  if (text === 'all' || text === '-1') return -1
  if (text === '0') return 0
  if (text === '1') return 1
  throw new UsageError(`--acks is '${text}', but must be all, 1 or 0`)
}

function compressionOf(text = 'none'): CompressionType {
  const type = compressionTypes.find((one) => one === text)
  if (type === undefined)
    throw new UsageError(`--compression is '${text}', but must be one of ${compressionTypes.join(', ')}`)
  return type
}
