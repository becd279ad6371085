export { type AbortedTransactionEntry, AbortedTransactionFilter } from './aborted-transaction-filter.ts'
export { assignLogAppendTime, assignOffset } from './batch-assignment.ts'
export { batchHeaderBytes } from './batch-header.ts'
export {
  type CompressionType,
  compressionCodec,
  compressionTypes,
  prepareCompression,
} from './compression.ts'
export type { CompressionCodec } from './compression-codec.ts'
export {
  type ConsumerAssignment,
  type ConsumerSubscription,
  readAssignment,
  readSubscription,
  writeAssignment,
  writeSubscription,
} from './consumer-protocol.ts'
export {
  type ControlBatchOptions,
  type ControlRecordType,
  encodeControlBatch,
  readControlRecord,
} from './control-record.ts'
export { crc32c } from './crc32c.ts'
export { type ErrorName, errorCodes, errorName, isRetriableError } from './error-codes.ts'
export { murmur2, partitionForKey } from './murmur2.ts'
export { ProtocolReader, ProtocolWriter } from './primitives.ts'
export { ProtocolError } from './protocol-error.ts'
export { recompressBatch } from './recompress.ts'
export { type BatchAttributes, RecordBatchBuilder, type RecordHeader } from './record-batch-builder.ts'
export { RecordBatchReader } from './record-batch-reader.ts'
