import type { Cluster, FetchPosition, TopicPartition } from '@millrace/kafka-client'
import { type Arguments, type OptionTable, readText } from './arguments.ts'
import { UsageError } from './command.ts'
import { newOffsets } from './new-offsets.ts'

/** Where input offsets may go, by the names of Kafka's reset tool. */
export const placeOptions: OptionTable = {
  to: { type: 'string' },
  'to-earliest': { type: 'boolean' },
  'to-latest': { type: 'boolean' },
  'to-offset': { type: 'string' },
  'to-datetime': { type: 'string' },
  'by-duration': { type: 'string' },
  'shift-by': { type: 'string' },
  'from-file': { type: 'string' },
}

export const placeUsage = `  --to PLACE                 as in millrace groups reset-offsets; or one of the options of Kafka's tool:
  --to-earliest              the default
  --to-latest
  --to-offset N
  --to-datetime TIME         such as 2026-01-31T12:00:00Z
  --by-duration DURATION     so long before now, such as PT1H30M or P2DT3H
  --shift-by N               from the committed offset; negative: back
  --from-file FILE           lines of TOPIC,PARTITION,OFFSET`

/** The offsets that the command line asks for. @throws UsageError for two places, or one that cannot be */
export async function wantedOffsets(
  groupId: string,
  partitions: readonly TopicPartition[],
  args: Arguments,
  nowMs: number,
  cluster: Cluster,
): Promise<FetchPosition[]> {
  const given = Object.keys(placeOptions).filter((name) => args.flag(name) || args.text(name) !== undefined)
  if (given.length > 1) throw new UsageError(`--${given[0]} and --${given[1]} exclude one another`)
  const file = args.text('from-file')
  if (file !== undefined) return offsetsOfFile(file, partitions)
  return newOffsets(groupId, partitions, placeOf(args, nowMs), cluster)
}

function placeOf(args: Arguments, nowMs: number): string {
  const offset = args.number('to-offset')
  if (offset !== undefined) return String(offset)
  const shift = args.text('shift-by')
  if (shift !== undefined) {
    if (!/^[+-]?\d+$/.test(shift)) throw new UsageError(`--shift-by is '${shift}', but must be a whole number`)
    return /^\d/.test(shift) ? `+${shift}` : shift
  }
  const duration = args.text('by-duration')
  if (duration !== undefined) return new Date(nowMs - durationMs(duration)).toISOString()
  if (args.flag('to-latest')) return 'latest'
  return args.text('to-datetime') ?? args.text('to') ?? 'earliest'
}

/** ISO 8601, without months and years: these have no fixed length. */
function durationMs(text: string): number {
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] =
    /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text) ?? []
  const ms = (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  if (ms > 0) return ms
  throw new UsageError(`--by-duration is '${text}', but must be a duration such as PT1H30M or P2DT3H`)
}

/** What the file says of the partitions; those that it does not name are left as they are. */
function offsetsOfFile(file: string, partitions: readonly TopicPartition[]): FetchPosition[] {
  const known = new Set(partitions.map(({ topic, partition }) => `${topic}-${partition}`))
  const lines = readText(file)
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines.map((line, i) => {
    const [topic = '', partition = '', offset = ''] = line
      .split(',')
      .map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
    if (!/^\d+$/.test(partition) || !/^\d+$/.test(offset)) {
      throw new UsageError(`${file}, line ${i + 1}: '${line}' is not TOPIC,PARTITION,OFFSET`)
    }
    if (!known.has(`${topic}-${partition}`)) {
      throw new UsageError(`${file}, line ${i + 1}: ${topic}-${partition} is no partition of an input topic`)
    }
    return { topic, partition: Number(partition), offset: Number(offset) }
  })
}
