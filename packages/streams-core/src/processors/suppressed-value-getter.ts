import type { SuppressionBufferStore } from '../state/suppression-buffer-store.ts'
import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { ProcessorContext } from './processor.ts'
import type { ValueGetter, ValueGetterSupplier } from './value-getter.ts'

/** Reads a suppressed table: what was handed on last for a key that waits in the buffer, else what the parent has. */
export function suppressedValueGetter<K, V>(
  parent: ValueGetterSupplier<K, V>,
  bufferName: string,
): ValueGetterSupplier<K, V> {
  return {
    get storeNames() {
      return [bufferName, ...parent.storeNames]
    },
    get: () => new SuppressedValueGetter(parent.get(), bufferName),
  }
}

class SuppressedValueGetter<K, V> implements ValueGetter<K, V> {
  readonly isVersioned = false
  readonly #parent: ValueGetter<K, V>
  readonly #bufferName: string
  #buffer!: SuppressionBufferStore<K, V>

  constructor(parent: ValueGetter<K, V>, bufferName: string) {
    this.#parent = parent
    this.#bufferName = bufferName
  }

  init(context: ProcessorContext<unknown, unknown>): void {
    this.#parent.init(context)
    this.#buffer = context.getStateStore(this.#bufferName) as unknown as SuppressionBufferStore<K, V>
  }

  /** The time of what was handed on is not known: -1. */
  get(key: K): ValueAndTimestamp<V> | null {
    const value = this.#buffer.priorValueForBuffered(key)
    if (value === undefined) return this.#parent.get(key)
    return value === null ? null : { value, timestamp: -1 }
  }

  getAsOf(): never {
    throw new TypeError('A suppressed table is not versioned.')
  }

  close(): void {
    this.#parent.close?.()
  }
}
