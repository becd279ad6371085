import type { WindowBytesKey, WindowBytesStore } from '../bytes-store.ts'
import { windowKey } from '../key-schema/window.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { StoreLayer } from '../store-layer.ts'
import { nextSeqnum } from '../window/window-options.ts'
import { ChangeLogger, type ChangeLoggingOptions, type LogChange } from './log-change.ts'

/**
 * Logs each write of a window store under its window key, after it was made; also a write that the store dropped as expired, and
 * a null that a store with duplicates ignored.
 *
 * The sequence number of the changelog's key is the store's, so that restoring gives the same rows. (Java counts twice, and from
 * 1 after a restart, which may overwrite a row of before.)
 * @see org.apache.kafka.streams.state.internals.ChangeLoggingWindowBytesStore, ChangeLoggingTimestampedWindowBytesStore
 */
export function changeLoggingWindowStore(
  inner: WindowBytesStore,
  logChange: LogChange,
  options: ChangeLoggingOptions = {},
): WindowBytesStore {
  return new ChangeLoggingWindowStore(inner, new ChangeLogger(logChange, options))
}

type Windows = StoreIterator<WindowBytesKey, Uint8Array>

class ChangeLoggingWindowStore extends StoreLayer<WindowBytesStore> implements WindowBytesStore {
  readonly retentionMs: number
  readonly windowSizeMs: number
  readonly retainDuplicates: boolean
  readonly #logger: ChangeLogger
  /** Used for stores that do not count themselves. */
  #ownSeqnum = 0

  constructor(inner: WindowBytesStore, logger: ChangeLogger) {
    super(inner)
    this.retentionMs = inner.retentionMs
    this.windowSizeMs = inner.windowSizeMs
    this.retainDuplicates = inner.retainDuplicates
    this.#logger = logger
  }

  get segmentIntervalMs(): number | undefined {
    return this.inner.segmentIntervalMs
  }

  get isTimeOrdered(): boolean | undefined {
    return this.inner.isTimeOrdered
  }

  get seqnum(): number | undefined {
    return this.inner.seqnum
  }

  put(key: Uint8Array, value: Uint8Array | null, start: number): void {
    this.inner.put(key, value, start)
    if (this.retainDuplicates) this.#ownSeqnum = nextSeqnum(this.#ownSeqnum)
    const seqnum = this.retainDuplicates ? (this.inner.seqnum ?? this.#ownSeqnum) : 0
    this.#logger.log(windowKey(key, start, seqnum), value)
  }

  fetchOne(key: Uint8Array, start: number): Uint8Array | null {
    return this.inner.fetchOne(key, start)
  }

  fetch(key: Uint8Array, timeFrom: number, timeTo: number): Windows {
    return this.inner.fetch(key, timeFrom, timeTo)
  }

  backwardFetch(key: Uint8Array, timeFrom: number, timeTo: number): Windows {
    return this.inner.backwardFetch(key, timeFrom, timeTo)
  }

  fetchRange(keyFrom: Uint8Array | null, keyTo: Uint8Array | null, timeFrom: number, timeTo: number): Windows {
    return this.inner.fetchRange(keyFrom, keyTo, timeFrom, timeTo)
  }

  backwardFetchRange(keyFrom: Uint8Array | null, keyTo: Uint8Array | null, timeFrom: number, timeTo: number): Windows {
    return this.inner.backwardFetchRange(keyFrom, keyTo, timeFrom, timeTo)
  }

  all(): Windows {
    return this.inner.all()
  }

  backwardAll(): Windows {
    return this.inner.backwardAll()
  }
}
