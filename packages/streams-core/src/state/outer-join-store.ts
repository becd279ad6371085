import { type KeyValueBytesStore, ownCopy } from '@millrace/state-stores'
import type { OuterJoinKey } from './outer-join-codec.ts'
import { OuterJoinCodec, type OuterJoinSerdes } from './outer-join-codec.ts'
import type { StateStore } from './state-store.ts'
import type { StoreContext } from './store-context.ts'

/**
 * Records of a left or outer stream-stream join that wait for a partner: for each key, side and time a list of values.
 * @see org.apache.kafka.streams.state.internals.ListValueStore, as KStreamKStreamJoin uses it
 */
export class OuterJoinStore<K, L, R> implements StateStore {
  readonly name: string
  readonly persistent: boolean
  readonly #makeLists: (context: StoreContext) => KeyValueBytesStore
  readonly #serdes: OuterJoinSerdes<K, L, R>
  #lists!: KeyValueBytesStore
  #codec!: OuterJoinCodec<K, L, R>

  /** The lists take values one by one and give them back one by one: a list value store. */
  constructor(
    name: string,
    persistent: boolean,
    serdes: OuterJoinSerdes<K, L, R>,
    makeLists: (context: StoreContext) => KeyValueBytesStore,
  ) {
    this.name = name
    this.persistent = persistent
    this.#serdes = serdes
    this.#makeLists = makeLists
  }

  init(context: StoreContext): void {
    this.#codec = new OuterJoinCodec(this.#serdes, context.changelogTopic(this.name))
    this.#lists = this.#makeLists(context)
    this.#lists.init({
      engine: context.engine,
      onExpiredRecord: () => context.recordDropped('store-retention', this.name),
    })
  }

  add(key: OuterJoinKey<K>, value: L | R): void {
    this.#lists.put(this.#codec.keyBytes(key), this.#codec.valueBytes(key.isLeft, value))
  }

  /** Removes all values of a key, which must be there. */
  remove(key: OuterJoinKey<K>): void {
    this.#lists.put(this.#codec.keyBytes(key), null)
  }

  removeIfPresent(key: OuterJoinKey<K>): void {
    this.#lists.putIfAbsent(this.#codec.keyBytes(key), null)
  }

  /** All values by time, then side (right first), then key bytes; those of one key share the key object. */
  *all(): IterableIterator<[OuterJoinKey<K>, L | R]> {
    let lastBytes: Uint8Array | undefined
    let key: OuterJoinKey<K> | undefined
    for (const [keyBytes, valueBytes] of this.#lists.range(null, null)) {
      if (key === undefined || keyBytes !== lastBytes) key = this.#codec.key(keyBytes)
      lastBytes = keyBytes
      yield [key, this.#codec.value(valueBytes)]
    }
  }

  flush(): void {}

  isOpen(): boolean {
    return this.#lists.isOpen()
  }

  close(): void {
    this.#lists.close()
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.#lists.restore(key, value === null ? null : ownCopy(value), timestamp)
  }
}
