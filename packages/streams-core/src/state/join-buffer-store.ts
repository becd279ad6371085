import type { Record } from '../processors/record.ts'
import type { RecordContext } from '../processors/record-context.ts'
import type { StateStore } from './state-store.ts'

/**
 * Stream records that wait for the grace period of a stream-table join, ordered by their time.
 * @see org.apache.kafka.streams.state.internals.RocksDBTimeOrderedKeyValueBuffer
 */
export interface JoinBufferStore<K, V> extends StateStore {
  /**
   * Keeps a record; false, and not kept, when it is older than the grace period allows.
   * @throws TypeError when the key is null.
   */
  put(record: Record<K, V>, context: RecordContext): boolean
  /** Hands on, and removes, the records whose grace period is over. */
  evictDue(emit: (record: Record<K, V>, context: RecordContext) => void): void
}
