import { Headers } from '@millrace/serdes'
import { contextBytes, memoryEngine, RecordCache } from '@millrace/state-stores'
import type { RecordContext } from '../../src/processors/record-context.ts'
import type { StoreContext } from '../../src/state/store-context.ts'

/** One changelog record as text: key and value as Latin-1, then the timestamp. */
export interface LoggedChange {
  readonly key: string
  readonly value: string | null
  readonly timestamp: number
}

/** A store's task: a memory engine, a cache, and what was logged. */
export class RecordingStoreContext implements StoreContext {
  readonly applicationId = 'app'
  readonly taskId = '0_0'
  readonly engine = memoryEngine()
  readonly cache: RecordCache<RecordContext | undefined>
  readonly logged: LoggedChange[] = []
  readonly raw: [Uint8Array, Uint8Array | null, number][] = []
  dropped = 0
  #current: RecordContext | undefined

  constructor(cacheBytes = 0) {
    this.cache = new RecordCache({
      maxBytes: cacheBytes,
      contextBytes: (context) => (context === undefined ? 0 : contextBytes(context)),
    })
    this.at(0)
  }

  /** Makes a record of that time, with a header of the same number, the one in process. */
  at(timestamp: number): this {
    const headers = Headers.empty.add('at', String(timestamp))
    this.#current = { timestamp, offset: timestamp, partition: 0, topic: 'in', headers }
    return this
  }

  changelogTopic(storeName: string): string {
    return `app-${storeName}-changelog`
  }

  recordContext(): RecordContext | undefined {
    return this.#current
  }

  setRecordContext(context: RecordContext | undefined): void {
    this.#current = context
  }

  logChange(_storeName: string, key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.raw.push([key, value, timestamp])
    this.logged.push({ key: text(key), value: value === null ? null : text(value), timestamp })
  }

  currentStreamTimeMs(): number {
    return this.#current?.timestamp ?? -1
  }

  recordDropped(): void {
    this.dropped++
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
