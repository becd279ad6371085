import { RecordBatchBuilder } from '@millrace/kafka-protocol'
import type { Headers } from '@millrace/serdes'
import type { TopicPartition } from '../consumer.ts'

/** Records of one partition that travel together. */
export interface Batch {
  readonly builder: RecordBatchBuilder
  /** When its first record came, Unix ms. */
  readonly createdMs: number
  /** Takes no more records. */
  isClosed: boolean
  state: 'waiting' | 'sent' | 'done'
  /** Of its first record; undefined until it is first sent. */
  sequence: number | undefined
  /** Of its last record, when it is done and the broker has said where. */
  lastOffset: number
}

/** The batches of one partition that are not acknowledged, oldest first. */
export class BatchQueue implements TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly batches: Batch[] = []
  inFlight = 0
  /** A batch must be sent again: nothing else goes out until all that is under way is answered, so that the order holds. */
  isRetrying = false
  /** A moment's rest after a failure, Unix ms. */
  retryAtMs = 0
  /** Belongs to the running transaction. */
  isEnlisted = false
  /** Answers to what is under way are of no interest any more. */
  isDropped = false
  nextSequence = 0
  /** The leader has acknowledged a batch. Until then it would take any sequence as the first, also one after a gap. */
  isKnownToLeader = false

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  /** Returns by how many bytes the queue has grown. */
  append(
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers,
    options: { readonly batchBytes: number; readonly now: () => number },
  ): number {
    let batch = this.batches.at(-1)
    let before = 0
    if (batch === undefined || batch.isClosed) {
      batch = newBatch(options.now())
      this.batches.push(batch)
    } else before = batch.builder.sizeInBytes
    batch.builder.append(timestamp, key, value, headers.size === 0 ? null : headers)
    if (batch.builder.sizeInBytes >= options.batchBytes) batch.isClosed = true
    return batch.builder.sizeInBytes - before
  }

  /** The oldest batch that may go out now; an open one if it was begun by `openUntilMs`. */
  nextToSend(openUntilMs: number): Batch | undefined {
    if (this.inFlight > 0 && (this.isRetrying || !this.isKnownToLeader)) return undefined
    const batch = this.batches.find(({ state }) => state === 'waiting')
    if (batch === undefined || !(batch.isClosed || batch.createdMs <= openUntilMs)) return undefined
    return batch
  }

  /** Closes a batch and gives it its place in the order of the partition. */
  assignSequence(batch: Batch): number {
    batch.isClosed = true
    if (batch.sequence === undefined) {
      batch.sequence = this.nextSequence
      this.nextSequence = (this.nextSequence + batch.builder.recordCount) % 0x80000000
    }
    return batch.sequence
  }

  /**
   * Begins at sequence 0 with what is there. Only when nothing is under way. `staysKnown`: the producer id is the same, and
   * its next epoch has to begin at 0, so that leaders notice a gap.
   */
  restartSequences(staysKnown = false): void {
    this.nextSequence = 0
    if (!staysKnown) this.isKnownToLeader = false
    for (const batch of this.batches) batch.sequence = undefined
  }

  /** Whether an older batch is not done. */
  hasOlder(batch: Batch): boolean {
    return this.batches.find(({ state }) => state !== 'done') !== batch
  }

  /** Takes a batch out that will not be sent. */
  remove(batch: Batch): void {
    const at = this.batches.indexOf(batch)
    if (at >= 0) this.batches.splice(at, 1)
  }

  /** Takes out what is done up to the first batch that is not. */
  takeDone(): readonly Batch[] {
    let count = 0
    while (this.batches[count]?.state === 'done') count += 1
    return this.batches.splice(0, count)
  }
}

function newBatch(createdMs: number): Batch {
  const builder = new RecordBatchBuilder({ initialBytes: 4096 })
  return { builder, createdMs, isClosed: false, state: 'waiting', sequence: undefined, lastOffset: -1 }
}
