import type { KeyValueBytesStore } from '../bytes-store.ts'
import { StepIterator } from '../step-iterator.ts'
import { StoreConfigError } from '../store-error.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { StoreLayer } from '../store-layer.ts'
import { decodeValueList, encodeValueList } from './value-list.ts'

/** Called with a key and its whole list, or null, after each write. */
export type LogList = (key: Uint8Array, list: Uint8Array | null) => void

/**
 * Keeps several values under one key, for records of a stream-stream join that wait for a partner: `put` adds a value to the
 * key's list (null removes the list), `get` gives the list's bytes, and `range` gives one entry for each value, in the order of
 * their coming. `putIfAbsent` changes a key only if it is there, and always gives null. `delete` and `prefixScan` are refused.
 *
 * With `logChange`, each write logs the whole list.
 * @see org.apache.kafka.streams.state.internals.ListValueStore, ChangeLoggingListValueBytesStore
 */
export function listValueStore(inner: KeyValueBytesStore, logChange?: LogList): KeyValueBytesStore {
  return new ListValueStore(inner, logChange)
}

class ListValueStore extends StoreLayer<KeyValueBytesStore> implements KeyValueBytesStore {
  readonly #logChange: LogList | undefined

  constructor(inner: KeyValueBytesStore, logChange: LogList | undefined) {
    super(inner)
    this.#logChange = logChange
  }

  get(key: Uint8Array): Uint8Array | null {
    return this.inner.get(key)
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    const before = value === null ? null : this.inner.get(key)
    const list =
      value === null ? null : encodeValueList(before === null ? [value] : [...decodeValueList(before), value])
    this.inner.put(key, list)
    this.#logChange?.(key, list)
  }

  putIfAbsent(key: Uint8Array, value: Uint8Array | null): null {
    if (this.inner.get(key) !== null) this.put(key, value)
    return null
  }

  delete(): never {
    throw this.#unsupported('delete')
  }

  range(from: Uint8Array | null, to: Uint8Array | null): StoreIterator<Uint8Array, Uint8Array> {
    return new ValueListIterator(this.inner.range(from, to))
  }

  reverseRange(): never {
    throw this.#unsupported('reverseRange')
  }

  prefixScan(): never {
    throw this.#unsupported('prefixScan')
  }

  approximateNumEntries(): number {
    return this.inner.approximateNumEntries()
  }

  #unsupported(operation: string): StoreConfigError {
    return new StoreConfigError(this.name, `${operation}() has no meaning for lists of values`, 'Use put(key, null)')
  }
}

class ValueListIterator extends StepIterator<Uint8Array, Uint8Array> {
  readonly #lists: StoreIterator<Uint8Array, Uint8Array>
  #key: Uint8Array | undefined
  #values: Uint8Array[] = []
  #position = 0

  constructor(lists: StoreIterator<Uint8Array, Uint8Array>) {
    super()
    this.#lists = lists
  }

  protected override step(): [Uint8Array, Uint8Array] | undefined {
    while (this.#position >= this.#values.length) {
      const next = this.#lists.next()
      if (next.done) return undefined
      this.#key = next.value[0]
      this.#values = decodeValueList(next.value[1])
      this.#position = 0
    }
    return [this.#key!, this.#values[this.#position++]!]
  }

  protected override release(): void {
    this.#lists.close()
  }
}
