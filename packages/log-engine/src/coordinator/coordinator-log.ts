// CoordinatorLog: the partition in which a coordinator keeps its state.
//
// Owns:      appending a handler's records, and showing every batch to `replay`.
// Does not:  know what the records say (the coordinators), sync (the engine).
// In:        records from handlers; the partition's content at start.
// Out:       `replay` with each batch, in the order of the log.
//
// Invariants
//   C1. A coordinator's state changes in `replay` and nowhere else, so that a restart is a replay.
//   C2. What is replayed is what was appended: when an append throws, nothing is replayed.

import { encodeControlBatch, RecordBatchBuilder, RecordBatchReader } from '@millrace/kafka-protocol'
import type { ProducerIdentity } from '../engine-requests.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { Time } from '../time.ts'

/** A record of a coordinator; a null value says that the key is gone. */
export interface CoordinatorRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** Bytes read at a time while loading. */
const loadBytes = 1024 * 1024

/** @see org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime */
export class CoordinatorLog {
  readonly partition: PartitionLog
  readonly #time: Time
  readonly #replay: (batch: RecordBatchReader) => void
  readonly #builder = new RecordBatchBuilder({ initialBytes: 1024 })

  constructor(partition: PartitionLog, time: Time, replay: (batch: RecordBatchReader) => void) {
    this.partition = partition
    this.#time = time
    this.#replay = replay
  }

  /** Replays what the partition holds. */
  load(): void {
    let offset = this.partition.logStartOffset
    while (offset < this.partition.endOffset) {
      const batches = this.partition.read(offset, loadBytes, this.partition.endOffset, true)
      if (batches.length === 0) return
      offset = this.#replayAll(batches)
    }
  }

  /** Appends records as one batch, in the producer's transaction when one is given, and replays them. */
  append(records: readonly CoordinatorRecord[], producer?: ProducerIdentity): void {
    if (records.length === 0) return
    const now = this.#time.now()
    this.#builder.reset()
    for (const { key, value } of records) this.#builder.append(now, key, value)
    const batch = this.#builder.build(producer && { ...producer, isTransactional: true })
    this.partition.appendAsCoordinator(batch)
    this.#replayAll(batch)
  }

  /** Ends the producer's transaction in this partition, and replays the marker. */
  appendMarker(type: 'commit' | 'abort', producer: ProducerIdentity): void {
    const marker = encodeControlBatch(type, { ...producer, coordinatorEpoch: 0, timestamp: this.#time.now() })
    this.partition.appendAsCoordinator(marker)
    this.#replayAll(marker)
  }

  #replayAll(batches: Uint8Array): number {
    const reader = new RecordBatchReader(batches)
    let end = 0
    while (reader.nextBatch()) {
      this.#replay(reader)
      end = reader.lastOffset + 1
    }
    return end
  }
}
