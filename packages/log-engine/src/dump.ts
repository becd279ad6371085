import { RecordBatchReader, readControlRecord } from '@millrace/kafka-protocol'
import { decodeGroup, decodeGroupKey } from './coordinator/group/group-records.ts'
import { decodeOffset, decodeOffsetKey } from './coordinator/group/offset-records.ts'
import { decodeTransaction, decodeTransactionKey } from './coordinator/transaction/transaction-records.ts'
import { decodeProducerSnapshot } from './log/producer-snapshot.ts'

/** Options of `dumpFile`. */
export interface DumpOptions {
  /** Also one line per record of a `.log`. Default true. */
  readonly records?: boolean
}

/**
 * The content of a file of a partition's folder as readable lines: `.log`, `.index`, `.timeindex`, `.txnindex`,
 * `.snapshot`, `leader-epoch-checkpoint` and `partition.metadata`. Damage is a line, not an error, and what follows it is
 * read where that is possible. `path` tells what the file is, and for records of the internal topics how to read them.
 */
export function* dumpFile(path: string, bytes: Uint8Array, options: DumpOptions = {}): Generator<string> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const ending = name.slice(name.lastIndexOf('.') + 1)
  const dump = dumps[ending]
  if (ending === 'log') yield* dumpBatches(bytes, options.records ?? true, textOf(path))
  else if (dump !== undefined) yield* dump(bytes, Number.parseInt(name, 10) || 0)
  else yield* Buffer.from(bytes).toString().trimEnd().split('\n')
}

type RecordText = (key: Uint8Array | null, value: Uint8Array | null) => string

function* dumpBatches(bytes: Uint8Array, withRecords: boolean, describe: RecordText): Generator<string> {
  const reader = new RecordBatchReader(bytes)
  for (;;) {
    try {
      if (!reader.nextBatch()) break
    } catch (error) {
      yield `byte ${reader.nextPosition}: ${messageOf(error)}`
      return
    }
    yield describeBatch(reader)
    try {
      if (reader.isControl) yield `  ${describeMarker(reader)}`
      else if (withRecords) while (reader.nextRecord()) yield `  ${describeRecord(reader, describe)}`
    } catch (error) {
      yield `  ${messageOf(error)}`
    }
  }
  const rest = bytes.length - reader.nextPosition
  if (rest > 0) yield `byte ${reader.nextPosition}: ${rest} bytes are left that are no whole batch`
}

function describeBatch(batch: RecordBatchReader): string {
  const parts = [
    `offsets ${batch.baseOffset}-${batch.lastOffset}`,
    `${batch.recordCount} records`,
    `byte ${batch.position}`,
    `${batch.sizeInBytes} bytes`,
    `epoch ${batch.leaderEpoch}`,
    `${batch.hasLogAppendTime ? 'appended' : 'newest'} ${timeOf(batch.maxTimestamp)}`,
    batch.compression ?? 'unknown codec',
  ]
  if (batch.hasProducerId) {
    parts.push(
      `producer ${batch.producerId} epoch ${batch.producerEpoch} sequence ${batch.baseSequence}-${batch.lastSequence}`,
    )
  }
  if (batch.isTransactional) parts.push('transactional')
  if (batch.deleteHorizonMs !== undefined) parts.push(`delete horizon ${timeOf(batch.deleteHorizonMs)}`)
  if (!batch.isCrcValid) parts.push('CRC IS WRONG')
  return parts.join(', ')
}

function describeMarker(batch: RecordBatchReader): string {
  const marker = readControlRecord(batch)
  return marker === undefined ? 'control record' : `${marker.type} marker, coordinator epoch ${marker.coordinatorEpoch}`
}

function describeRecord(record: RecordBatchReader, describe: RecordText): string {
  const headers = record.hasHeaders
    ? `, headers ${record.headers.map(({ key, value }) => `${key}=${bytesText(value)}`).join(' ')}`
    : ''
  return `${record.offset}, ${timeOf(record.timestamp)}: ${describe(record.key, record.value)}${headers}`
}

/** How the records of a partition read, by the folder that the file is in. */
function textOf(path: string): RecordText {
  if (/(^|\/)__consumer_offsets-\d+\//.test(path)) return groupText
  if (/(^|\/)__transaction_state-\d+\//.test(path)) return transactionText
  return plainText
}

function plainText(key: Uint8Array | null, value: Uint8Array | null): string {
  return `${bytesText(key)} → ${bytesText(value)}`
}

function groupText(key: Uint8Array | null, value: Uint8Array | null): string {
  const offsetKey = key && decodeOffsetKey(key)
  if (offsetKey) {
    const offset = value && decodeOffset(value)
    const text = value === null ? 'none' : `${offset?.offset} ${offset?.metadata ?? ''}`.trimEnd()
    return `group ${offsetKey.groupId}, ${offsetKey.topic}-${offsetKey.partition} → ${text}`
  }
  const groupId = key && decodeGroupKey(key)
  if (!groupId) return plainText(key, value)
  const group = value && decodeGroup(groupId, value)
  if (!group) return `group ${groupId} → ${bytesText(value)}`
  const members = group.members.map(({ memberId }) => memberId).join(' ')
  return `group ${groupId} → generation ${group.generationId} of ${group.protocolType} ${group.protocolName ?? ''}, members ${members || 'none'}`
}

function transactionText(key: Uint8Array | null, value: Uint8Array | null): string {
  const transactionalId = key && decodeTransactionKey(key)
  if (!transactionalId) return plainText(key, value)
  const transaction = value && decodeTransaction(transactionalId, value)
  if (!transaction) return `${transactionalId} → ${bytesText(value)}`
  const { status, producerId, producerEpoch, partitions } = transaction
  return `${transactionalId} → ${status}, producer ${producerId} epoch ${producerEpoch}, partitions ${[...partitions.keys()].join(' ') || 'none'}`
}

const dumps: Readonly<Record<string, (bytes: Uint8Array, baseOffset: number) => Generator<string>>> = {
  index: (bytes, base) =>
    entries(bytes, 8, (view, at) => `offset ${base + view.getInt32(at)} at byte ${view.getInt32(at + 4)}`),
  timeindex: (bytes, base) =>
    entries(
      bytes,
      12,
      (view, at) => `up to ${timeOf(Number(view.getBigInt64(at)))} at offset ${base + view.getInt32(at + 8)}`,
    ),
  txnindex: (bytes) =>
    entries(
      bytes,
      34,
      (view, at) =>
        `aborted: producer ${view.getBigInt64(at + 2)}, offsets ${view.getBigInt64(at + 10)}-${view.getBigInt64(at + 18)}, last stable offset ${view.getBigInt64(at + 26)}`,
    ),
  snapshot: function* (bytes) {
    const producers = decodeProducerSnapshot(bytes)
    if (producers === undefined) yield 'the snapshot is damaged'
    for (const { producerId, producerEpoch, batches, transactionFirstOffset } of producers ?? []) {
      const last = batches.at(-1)
      const sequence = last === undefined ? 'no sequence' : `sequence ${last.lastSequence} at offset ${last.lastOffset}`
      const open =
        transactionFirstOffset === undefined ? '' : `, transaction open from offset ${transactionFirstOffset}`
      yield `producer ${producerId} epoch ${producerEpoch}, ${sequence}${open}`
    }
  },
}

function* entries(
  bytes: Uint8Array,
  size: number,
  describe: (view: DataView, at: number) => string,
): Generator<string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  for (; at + size <= bytes.length; at += size) yield describe(view, at)
  if (at < bytes.length) yield `byte ${at}: ${bytes.length - at} bytes are left that are no whole entry`
}

/** Text where it is text, else hex; at most so much that a line stays a line. */
function bytesText(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null'
  const text = Buffer.from(bytes.subarray(0, 200)).toString()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these tell text from other bytes
  const shown = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text)
    ? `0x${Buffer.from(bytes.subarray(0, 100)).toString('hex')}`
    : JSON.stringify(text)
  return bytes.length > 200 ? `${shown}… (${bytes.length} bytes)` : shown
}

function timeOf(timestamp: number): string {
  return Math.abs(timestamp) <= 8.64e15 && timestamp >= 0 ? new Date(timestamp).toISOString() : String(timestamp)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
