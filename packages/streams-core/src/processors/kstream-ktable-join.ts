import type { JoinBufferStore } from '../state/join-buffer-store.ts'
import type { KeyMapper, ValueJoiner } from './functions.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'
import type { RecordContext } from './record-context.ts'
import type { ValueGetter, ValueGetterSupplier } from './value-getter.ts'

export interface KStreamKTableJoinOptions<K, V, T, VOut> {
  readonly table: ValueGetterSupplier<K, T>
  /** The table's value is null where a left join finds none. */
  readonly joiner: ValueJoiner<K, V, T | null, VOut>
  readonly leftJoin: boolean
  /** The store in which records wait for the grace period; the table must be versioned. Undefined: they are joined at once. */
  readonly bufferStoreName?: string | undefined
  /** With quirks, as in Java, a null key stops a left join that has a grace period. */
  readonly quirks: boolean
}

export interface KStreamGlobalKTableJoinOptions<K, V, TK, T, VOut> {
  readonly table: ValueGetterSupplier<TK, T>
  /** Gives the key to look up; null: none. */
  readonly keyMapper: KeyMapper<K, V, TK | null>
  readonly joiner: ValueJoiner<K, V, T | null, VOut>
  readonly leftJoin: boolean
}

/**
 * Joins each record with the table's row of its key: the newest, or in a versioned table the one valid at the record's
 * time. Key, timestamp and headers are the record's. A null value, or a null key in an inner join, is dropped and counted.
 * @see org.apache.kafka.streams.kstream.internals.KStreamKTableJoin
 */
export function kstreamKtableJoin<K, V, T, VOut>(
  options: KStreamKTableJoinOptions<K, V, T, VOut>,
): ProcessorSupplier<K, V, K, VOut> {
  const keyMapper = (_value: V, key: K) => key
  return () => new KStreamKTableJoinProcessor({ ...options, keyMapper })
}

/**
 * Joins each record with the global table's row of the mapped key. Null rules as for {@link kstreamKtableJoin}, by the mapped key.
 * @see org.apache.kafka.streams.kstream.internals.KStreamGlobalKTableJoin
 */
export function kstreamGlobalKtableJoin<K, V, TK, T, VOut>(
  options: KStreamGlobalKTableJoinOptions<K, V, TK, T, VOut>,
): ProcessorSupplier<K, V, K, VOut> {
  return () => new KStreamKTableJoinProcessor({ ...options, quirks: false })
}

type JoinOptions<K, V, TK, T, VOut> = KStreamGlobalKTableJoinOptions<K, V, TK, T, VOut> &
  Pick<KStreamKTableJoinOptions<K, V, T, VOut>, 'bufferStoreName' | 'quirks'>

class KStreamKTableJoinProcessor<K, V, TK, T, VOut> implements Processor<K, V, K, VOut> {
  readonly #options: JoinOptions<K, V, TK, T, VOut>
  readonly #table: ValueGetter<TK, T>
  #context!: InternalProcessorContext<K, VOut>
  #buffer: JoinBufferStore<K, V> | undefined

  constructor(options: JoinOptions<K, V, TK, T, VOut>) {
    this.#options = options
    this.#table = options.table.get()
  }

  /** @throws TypeError when there is a grace period and the table is not versioned. */
  init(context: ProcessorContext<K, VOut>): void {
    const { bufferStoreName } = this.#options
    this.#context = asInternal(context)
    this.#table.init(context)
    if (bufferStoreName === undefined) return
    if (!this.#table.isVersioned) {
      throw new TypeError(
        'A stream-table join with a grace period needs a versioned table. Give the table a versioned store.',
      )
    }
    this.#buffer = context.getStateStore(bufferStoreName)
  }

  process(record: Record<K, V>): void {
    const { leftJoin, keyMapper, quirks } = this.#options
    const tableKey = keyMapper(record.value, record.key)
    if (record.value === null || (tableKey === null && !leftJoin)) {
      this.#context.recordDropped(record.value === null ? 'null-value' : 'null-join-key')
      return
    }
    if (this.#buffer === undefined || (record.key === null && !quirks)) this.#join(record, tableKey)
    else if (this.#buffer.put(record, this.#context.recordContext()!)) this.#buffer.evictDue(this.#joinBuffered)
    else this.#join(record, tableKey)
  }

  readonly #joinBuffered = (record: Record<K, V>, recordContext: RecordContext): void => {
    const current = this.#context.recordContext()
    this.#context.setRecordContext(recordContext)
    try {
      this.#join(record, this.#options.keyMapper(record.value, record.key))
    } finally {
      this.#context.setRecordContext(current)
    }
  }

  #join(record: Record<K, V>, tableKey: TK | null): void {
    const { joiner, leftJoin } = this.#options
    const row = tableKey === null ? null : this.#row(tableKey, record.timestamp)
    if (row === null && !leftJoin) return
    this.#context.forward(record.withValue(joiner(record.value, row === null ? null : row.value, record.key)))
  }

  #row(key: TK, timestamp: number) {
    return this.#table.isVersioned ? this.#table.getAsOf(key, timestamp) : this.#table.get(key)
  }

  close(): void {
    this.#table.close?.()
  }
}
