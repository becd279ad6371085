import {
  failOnInvalidTimestamp,
  logAndSkipOnInvalidTimestamp,
  type StateStore,
  type StoreBuilder,
  Stores,
  type TimestampExtractor,
  usePartitionTimeOnInvalidTimestamp,
} from '@millrace/streams-core'
import type { CaseBuilder } from './case-builder.ts'
import type { ExtractorSpec, Step, StoreSpec } from './case-file.ts'
import type { CaseNode, NodeSerdes } from './case-node.ts'
import { caseSerde } from './case-serdes.ts'
import { materialized, named, optionalSerde, versionedSupplier } from './step-options.ts'
import { isInteger, isObject } from './value.ts'

/** The steps that begin a topology: sources of topics, and stores. */
export function sourceStep(build: CaseBuilder, step: Step): CaseNode | undefined {
  if (step.store?.name !== undefined) build.storeNames.add(step.store.name)
  const serdes: NodeSerdes = { keySerde: step.keySerde, valueSerde: step.valueSerde, keyWindow: undefined }
  const { builder } = build
  switch (step.op) {
    case 'stream':
      return { ...serdes, kind: 'stream', dsl: builder.stream(readTopics(build, step), consumed(build, step)) }
    case 'table': {
      const options = { ...consumed(build, step), ...sourceStore(step) }
      return { ...serdes, kind: 'table', dsl: builder.table(readTopic(build, step, step.topic!), options) }
    }
    case 'globalTable': {
      const options = { ...consumed(build, step), ...sourceStore(step) }
      return { ...serdes, kind: 'globalTable', dsl: builder.globalTable(readTopic(build, step, step.topic!), options) }
    }
    case 'addStateStore':
      builder.addStateStore(storeBuilder(build, step.store!))
      return undefined
    default:
      throw new RangeError(`unknown op '${step.op}' without from`)
  }
}

function sourceStore(step: Step) {
  return step.store === undefined ? {} : materialized({ id: step.id, op: step.op, store: step.store })
}

function readTopics(build: CaseBuilder, step: Step): string | readonly string[] | RegExp {
  if (step.pattern !== undefined) return new RegExp(step.pattern)
  if (step.topics !== undefined) return step.topics.map((topic) => readTopic(build, step, topic))
  return readTopic(build, step, step.topic!)
}

function readTopic(build: CaseBuilder, step: Step, topic: string): string {
  const { key, value } = build.defaults
  build.sources.set(topic, { key: step.keySerde ?? key, value: step.valueSerde ?? value })
  return topic
}

function consumed(build: CaseBuilder, step: Step) {
  return {
    ...named(step),
    keySerde: caseSerde(step.keySerde ?? build.defaults.key),
    valueSerde: optionalSerde(step.valueSerde),
    timestampExtractor: step.timestampExtractor === undefined ? undefined : timestampExtractor(step.timestampExtractor),
    offsetResetPolicy: step.offsetReset,
  }
}

/** The extractor of a name, or one that reads an integer field of the value. @throws RangeError for an unknown name. */
export function timestampExtractor(spec: ExtractorSpec): TimestampExtractor {
  if (typeof spec !== 'string') {
    return ({ value }, partitionTime) => {
      const field = isObject(value) ? value[spec.field] : undefined
      return isInteger(field) ? field : spec.ifMissing === 'partitionTime' ? partitionTime : -1
    }
  }
  switch (spec) {
    case 'failOnInvalid':
      return failOnInvalidTimestamp
    case 'logAndSkip':
      return logAndSkipOnInvalidTimestamp
    case 'partitionTimeOnInvalid':
      return usePartitionTimeOnInvalidTimestamp
    default:
      throw new RangeError(`unknown timestamp extractor '${spec}'`)
  }
}

function storeBuilder(build: CaseBuilder, store: StoreSpec): StoreBuilder<StateStore> {
  const builder = plainStoreBuilder(build, store)
  const cached = store.caching === true ? builder.withCachingEnabled() : builder
  return store.logging === false ? cached.withLoggingDisabled() : cached
}

function plainStoreBuilder(build: CaseBuilder, store: StoreSpec): StoreBuilder<StateStore> {
  const key = caseSerde(store.keySerde ?? build.defaults.key)
  const value = caseSerde(store.valueSerde ?? build.defaults.value)
  const name = store.name!
  switch (store.kind) {
    case 'versioned':
      return Stores.versionedKeyValueStoreBuilder(versionedSupplier(store), key, value)
    case 'persistent':
      return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), key, value)
    case 'lru':
      return Stores.keyValueStoreBuilder(Stores.lruMap(name, store.maxEntries!), key, value)
    default:
      return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), key, value)
  }
}
