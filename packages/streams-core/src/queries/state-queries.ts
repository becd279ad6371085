import type { ReadOnlyKeyValueStore } from '../state/state-store.ts'
import { LocalStores, type StoreQueryParameters } from './local-stores.ts'
import type { QueryHost } from './query-host.ts'
import { type QueryableStoreType, QueryableStoreTypes, storeView } from './queryable-store-types.ts'

/** What can be asked of a running application; `KafkaStreams` hands its calls on. */
export class StateQueries {
  readonly #stores: LocalStores

  constructor(host: QueryHost) {
    this.#stores = new LocalStores(host)
  }

  store<K, V>(storeName: string, type?: undefined, parameters?: StoreQueryParameters): ReadOnlyKeyValueStore<K, V>
  store<View>(storeName: string, type: QueryableStoreType<View>, parameters?: StoreQueryParameters): View
  store(
    storeName: string,
    type: QueryableStoreType<unknown> = QueryableStoreTypes.keyValueStore(),
    parameters: StoreQueryParameters = {},
  ): unknown {
    return storeView(storeName, type, () => this.#stores.readable(storeName, parameters))
  }
}
