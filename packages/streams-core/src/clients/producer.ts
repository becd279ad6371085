import type { Headers } from '@millrace/serdes'
import type { GroupMetadata, OffsetAndMetadata, TopicPartition } from './consumer.ts'

/** Told about the fate of what was sent. Called between turns of the loop or inside `flush`; must not throw. */
export interface ProducerListener {
  /**
   * All records up to `lastOffset` that this producer sent to the partition are acknowledged. `leaderEpoch`: the leader's when they
   * were written, or an earlier one; -1: not known.
   */
  onAcknowledged(topic: string, partition: number, lastOffset: number, leaderEpoch: number): void
  /** A record could not be written and will not be retried by the producer. */
  onSendFailed(topic: string, partition: number, error: Error): void
}

/**
 * Sends encoded records to partitions and runs transactions.
 * @see org.apache.kafka.clients.producer.Producer — `send` returns nothing here; acknowledgements come by partition to the listener.
 */
export interface Producer {
  setListener(listener: ProducerListener): void
  /** Takes one record into the partition's open batch. Synchronous, and never throws for a fault of the cluster. */
  send(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers,
  ): void
  /** Bytes taken and not acknowledged; the loop stops feeding tasks above `bufferMemoryBytes`. */
  bufferedBytes(): number
  /** Kafka's `buffer.memory`. Undefined: 32 MiB. */
  readonly bufferMemoryBytes?: number
  /** Resolves when everything sent before is acknowledged or reported as failed. */
  flush(): Promise<void>
  /** The partition count of a topic. @throws UnknownTopicError when the topic does not exist. */
  partitionCount(topic: string): number
  /** Fences older producers of the transactional id, and ends what they left open. Before `beginTransaction`. */
  initTransactions(): Promise<void>
  beginTransaction(): void
  sendOffsetsToTransaction(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>, group: GroupMetadata): Promise<void>
  /** Flushes, then commits. An error with `isOutcomeUnknown` means that the transaction may have committed. */
  commitTransaction(): Promise<void>
  abortTransaction(): Promise<void>
  close(): Promise<void>
}
