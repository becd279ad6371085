import type { Headers } from '@millrace/serdes'
import type { RecordCache, StateEngine } from '@millrace/state-stores'
import type { DropReason } from '../metrics/dropped-records.ts'
import type { RecordContext } from '../processors/record-context.ts'

/**
 * What a store is given by its task when it opens.
 * @see org.apache.kafka.streams.processor.StateStoreContext
 */
export interface StoreContext {
  readonly applicationId: string
  readonly taskId: string
  readonly engine: StateEngine
  /** The stream thread's record cache; undefined, or without bytes: nothing is cached. */
  readonly cache?: RecordCache<RecordContext | undefined> | undefined
  /** `<app>-<name>-changelog`, or the source topic that serves as changelog; serdes are called with it. */
  changelogTopic(storeName: string): string
  /** The context of the record in process; stores read it when they cache, and set it while a cache flush forwards. */
  recordContext(): RecordContext | undefined
  setRecordContext(context: RecordContext | undefined): void
  /** Sends one changelog record through the record collector. Not called for stores without logging. */
  logChange(storeName: string, key: Uint8Array, value: Uint8Array | null, timestamp: number, headers?: Headers): void
  currentStreamTimeMs(): number
  /** Counts one record that a store did not keep under dropped-records. Default: it was older than the store's retention. */
  recordDropped(reason?: DropReason, storeName?: string): void
}
