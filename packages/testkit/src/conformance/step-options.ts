import type { Serde } from '@millrace/serdes'
import { type KeyValueBytesStoreSupplier, Stores, type VersionedBytesStoreSupplier } from '@millrace/streams-core'
import type { SerdeName, Step, StoreSpec } from './case-file.ts'
import { caseSerde } from './case-serdes.ts'
import type { Value } from './value.ts'

/** The materialisation of a step: its store, serdes and name, as the DSL's option object has them. */
export interface StepMaterialized {
  readonly name?: string
  readonly storeName?: string
  readonly storeSupplier?: KeyValueBytesStoreSupplier | VersionedBytesStoreSupplier
  readonly storeType?: 'rocksDB' | 'in_memory'
  readonly keySerde?: Serde<Value>
  readonly valueSerde?: Serde<Value>
  readonly caching?: boolean
  readonly logging?: boolean
  readonly retentionMs?: number
}

export function named(step: Step): { readonly name: string } | undefined {
  return step.name === undefined ? undefined : { name: step.name }
}

export function optionalSerde(name: SerdeName | undefined): Serde<Value> | undefined {
  return name === undefined ? undefined : caseSerde(name)
}

/** The step's own serdes: those of its store before those of the step. */
export function storeSerdes(step: Step): { keySerde: SerdeName | undefined; valueSerde: SerdeName | undefined } {
  return {
    keySerde: step.store?.keySerde ?? step.keySerde,
    valueSerde: step.store?.valueSerde ?? step.valueSerde,
  }
}

/** The step's materialisation and name; undefined when it has neither. */
export function materialized(step: Step, defaultValue?: SerdeName): StepMaterialized | undefined {
  const { keySerde, valueSerde = defaultValue } = storeSerdes(step)
  const options: StepMaterialized = {
    ...named(step),
    ...(step.store === undefined ? {} : storeOptions(step.store)),
    ...(keySerde === undefined ? {} : { keySerde: caseSerde(keySerde) }),
    ...(valueSerde === undefined ? {} : { valueSerde: caseSerde(valueSerde) }),
  }
  if (Object.keys(options).length > (step.name === undefined ? 0 : 1)) return options
  // A store of which nothing is said is a store all the same: the default says so.
  return step.store === undefined ? named(step) : { ...options, logging: true }
}

function storeOptions(store: StoreSpec): StepMaterialized {
  return {
    ...storeChoice(store),
    ...(store.caching === undefined ? {} : { caching: store.caching }),
    ...(store.logging === undefined ? {} : { logging: store.logging }),
    ...(store.retention === undefined ? {} : { retentionMs: store.retention }),
  }
}

function storeChoice(store: StoreSpec): StepMaterialized {
  const { name } = store
  switch (store.kind) {
    case 'versioned':
      return { storeSupplier: versionedSupplier(store) }
    case 'lru':
      return { storeSupplier: Stores.lruMap(name!, store.maxEntries!) }
    case 'inMemory':
      return { ...(name === undefined ? {} : { storeName: name }), storeType: 'in_memory' }
    case 'persistent':
      return { ...(name === undefined ? {} : { storeName: name }), storeType: 'rocksDB' }
    default:
      return name === undefined ? {} : { storeName: name }
  }
}

/** The supplier of a versioned store. */
export function versionedSupplier(store: StoreSpec): VersionedBytesStoreSupplier {
  return Stores.persistentVersionedKeyValueStore(store.name!, store.historyRetention!, store.segmentInterval)
}
