import { storeValueGetter, type ValueGetterSupplier } from '../processors/value-getter.ts'
import type { GlobalKTable } from './global-ktable.ts'

/** @see org.apache.kafka.streams.kstream.internals.GlobalKTableImpl */
export class GlobalKTableImpl<K, V> implements GlobalKTable<K, V> {
  readonly isGlobal = true
  readonly queryableStoreName: string | undefined
  readonly getter: ValueGetterSupplier<K, V>

  constructor(storeName: string, queryableStoreName: string | undefined) {
    this.queryableStoreName = queryableStoreName
    this.getter = storeValueGetter(storeName)
  }
}
