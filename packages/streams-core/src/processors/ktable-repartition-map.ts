import type { Serde } from '@millrace/serdes'
import { Change } from './change.ts'
import type { KeyValueMapper } from './functions.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'
import { sameKey } from './same-key.ts'

export interface KTableRepartitionMapOptions<K, V, KOut, VOut> {
  readonly mapper: KeyValueMapper<K, V, KOut, VOut>
  /** Tells whether two object keys are the same. Undefined: the default key serde. */
  readonly keySerde?: Serde<KOut> | undefined
  /** The parent is versioned: updates that do not change the newest version are left out (KIP-914). */
  readonly versionedSemantics?: boolean
}

/**
 * Re-keys the updates of a table that is grouped: the old row is taken out of its group before the new one is put in.
 * When both have the same key they go as one record (KIP-904). Pairs with a null key or value are left out.
 * @see org.apache.kafka.streams.kstream.internals.KTableRepartitionMap
 */
export function ktableRepartitionMap<K, V, KOut, VOut>(
  options: KTableRepartitionMapOptions<K, V, KOut, VOut>,
): ProcessorSupplier<K, Change<V>, KOut, Change<VOut>> {
  return () => new KTableRepartitionMapProcessor(options)
}

class KTableRepartitionMapProcessor<K, V, KOut, VOut> implements Processor<K, Change<V>, KOut, Change<VOut>> {
  readonly #mapper: KeyValueMapper<K, V, KOut, VOut>
  readonly #versionedSemantics: boolean
  #keySerde: Serde<KOut> | undefined
  #context!: ProcessorContext<KOut, Change<VOut>>

  constructor(options: KTableRepartitionMapOptions<K, V, KOut, VOut>) {
    this.#mapper = options.mapper
    this.#keySerde = options.keySerde
    this.#versionedSemantics = options.versionedSemantics ?? false
  }

  init(context: ProcessorContext<KOut, Change<VOut>>): void {
    this.#context = context
    this.#keySerde ??= context.keySerde as Serde<KOut> | undefined
  }

  /** @throws TypeError when the key is null, which a table rules out. */
  process(record: Record<K, Change<V>>): void {
    const change = record.value
    if (record.key === null) throw new TypeError('groupBy: the key of a table is null.')
    if (this.#versionedSemantics && !change.isLatest) return
    const newPair = this.#pair(record.key, change.newValue)
    const oldPair = this.#pair(record.key, change.oldValue)
    if (oldPair !== null && newPair !== null && sameKey(oldPair[0], newPair[0], this.#keySerde)) {
      this.#forward(record, oldPair[0], newPair[1], oldPair[1])
      return
    }
    if (oldPair !== null) this.#forward(record, oldPair[0], null, oldPair[1])
    if (newPair !== null) this.#forward(record, newPair[0], newPair[1], null)
  }

  #pair(key: K, value: V | null): readonly [KOut, VOut] | null {
    if (value === null) return null
    const pair = this.#mapper(value, key)
    return pair == null || pair[0] === null || pair[1] === null ? null : pair
  }

  #forward(record: Record<K, Change<V>>, key: KOut, newValue: VOut | null, oldValue: VOut | null): void {
    this.#context.forward(record.withKey(key).withValue(new Change(newValue, oldValue, record.value.isLatest)))
  }
}
