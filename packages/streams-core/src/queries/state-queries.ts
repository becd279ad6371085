import type { ReadOnlyKeyValueStore } from '../state/state-store.ts'
import { type KeyPartitioning, type KeyQueryMetadata, keyQueryMetadata } from './key-query-metadata.ts'
import { LocalStores, type StoreQueryParameters } from './local-stores.ts'
import type { QueryHost } from './query-host.ts'
import { queryPartitions } from './query-partitions.ts'
import type { StateQueryRequest, StateQueryResult } from './query-result.ts'
import { type QueryableStoreType, QueryableStoreTypes, storeView } from './queryable-store-types.ts'
import type { StateQuery } from './state-query.ts'
import { type StoreChange, type StoreChangesOptions, storeChanges } from './store-changes.ts'
import { type LagInfo, storePartitionLags } from './store-lags.ts'
import { localMetadata, remoteMetadata, type StreamsMetadata } from './streams-metadata.ts'

/** What can be asked of a running application; `KafkaStreams` hands its calls on. */
export class StateQueries {
  readonly host: QueryHost
  /** The stores of this instance. */
  readonly stores: LocalStores

  constructor(host: QueryHost) {
    this.host = host
    this.stores = new LocalStores(host)
  }

  store<K, V>(storeName: string, type?: undefined, parameters?: StoreQueryParameters): ReadOnlyKeyValueStore<K, V>
  store<View>(storeName: string, type: QueryableStoreType<View>, parameters?: StoreQueryParameters): View
  store(
    storeName: string,
    type: QueryableStoreType<unknown> = QueryableStoreTypes.keyValueStore(),
    parameters: StoreQueryParameters = {},
  ): unknown {
    return storeView(storeName, type, () => this.stores.readable(storeName, parameters))
  }

  query<R>(storeName: string, query: StateQuery<R>, request: StateQueryRequest = {}): StateQueryResult<R> {
    return queryPartitions(this.host, this.stores, storeName, query, request)
  }

  queryMetadataForKey<K>(storeName: string, key: K, by?: KeyPartitioning<K>): KeyQueryMetadata {
    return keyQueryMetadata(this.host, this.stores, this.metadataForAllStreamsClients(), storeName, key, by)
  }

  metadataForAllStreamsClients(): readonly StreamsMetadata[] {
    return [localMetadata(this.host, this.stores), ...remoteMetadata(this.host, this.stores)]
  }

  streamsMetadataForStore(storeName: string): readonly StreamsMetadata[] {
    this.stores.declaration(storeName)
    return this.metadataForAllStreamsClients().filter(({ stateStoreNames }) => stateStoreNames.includes(storeName))
  }

  allLocalStorePartitionLags(): Promise<ReadonlyMap<string, ReadonlyMap<number, LagInfo>>> {
    return storePartitionLags(this.host)
  }

  changes(storeName: string, options: StoreChangesOptions): AsyncGenerator<readonly StoreChange[], void> {
    return storeChanges(this.host, this.stores, storeName, options)
  }
}
