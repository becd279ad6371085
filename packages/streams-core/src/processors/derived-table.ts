import { Change } from './change.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import { TableForwarder } from './table-forwarder.ts'
import { notPut, TableStore } from './table-store.ts'

/** What every operator that derives one table from another is told when the topology is written. */
export interface DerivedTableOptions {
  /** Undefined: the result is not materialised; it is computed from the parent where it is read. */
  readonly storeName: string | undefined
  readonly sendOldValues: boolean
}

/**
 * The part that table filters, maps and transformations share: the store of the result, if there is one, and the forwarding.
 * A materialised result takes its old values from its own store, another computes them from the parent's.
 */
export abstract class DerivedTableProcessor<K, V, VOut> implements Processor<K, Change<V>, K, Change<VOut>> {
  protected readonly sendOldValues: boolean
  readonly #storeName: string | undefined
  #context!: ProcessorContext<K, Change<VOut>>
  #store: TableStore<K, VOut> | undefined
  #forwarder!: TableForwarder<K, VOut>

  constructor(options: DerivedTableOptions) {
    this.#storeName = options.storeName
    this.sendOldValues = options.sendOldValues
  }

  init(context: ProcessorContext<K, Change<VOut>>): void {
    this.#context = context
    if (this.#storeName === undefined) return
    this.#store = new TableStore(context, this.#storeName)
    this.#forwarder = new TableForwarder(context, this.#store.store, this.sendOldValues)
  }

  abstract process(record: Record<K, Change<V>>): void

  protected get isMaterialized(): boolean {
    return this.#store !== undefined
  }

  /** The result's value as stored, null if there is none. Only where materialised. */
  protected storedValue(key: K): VOut | null {
    const stored = this.#store!.get(key)
    return stored === null ? null : stored.value
  }

  protected storeAndForward(record: Record<K, Change<V>>, newValue: VOut | null, oldValue: VOut | null): void {
    if (this.#store === undefined) {
      this.#context.forward(record.withValue(new Change(newValue, oldValue, record.value.isLatest)))
      return
    }
    const putCode = this.#store.put(record.key, newValue, record.timestamp)
    if (putCode === notPut) return
    const isLatest = putCode === undefined
    this.#forwarder.maybeForward(record.key, newValue, oldValue, isLatest, record.timestamp, record.headers)
  }
}
