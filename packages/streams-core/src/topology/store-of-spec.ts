import { type Serde, Serdes } from '@millrace/serdes'
import { subscriptionWrapperSerde } from '../processors/foreign-key-join/subscription-wrapper.ts'
import { dslStoreSuppliers } from '../state/built-in-dsl-store-suppliers.ts'
import type { DslStoreType } from '../state/dsl-store-suppliers.ts'
import { joinBufferStoreBuilder } from '../state/join-buffer-store.ts'
import {
  outerJoinStoreBuilder,
  timestampedKeyValueStoreBuilder,
  versionedKeyValueStoreBuilder,
} from '../state/key-value-store-builders.ts'
import type { StateStore, StoreBuilder } from '../state/state-store.ts'
import { suppressionBufferStoreBuilder } from '../state/suppression-buffer-store.ts'
import {
  sessionStoreBuilder,
  timestampedWindowStoreBuilder,
  windowStoreBuilder,
} from '../state/window-store-builders.ts'
import type { SerdeRef } from './serde-ref.ts'
import { givenStore, type StoreFactory } from './store-factory.ts'
import type {
  JoinWindowStoreSpec,
  SessionStoreSpec,
  StoreSpec,
  TableStoreSpec,
  UnmatchedStoreSpec,
  WindowStoreSpec,
} from './store-spec.ts'
import type { WriteContext } from './write-context.ts'

type Builder = StoreBuilder<StateStore>
type MakeBuilder = (dslStore: DslStoreType) => Builder

/**
 * The factory of a store that the DSL described: serdes are found now, the kind of store when the plan is made.
 * @throws TopologyError naming the operator when a serde is missing
 */
export function storeOfSpec(spec: StoreSpec, context: WriteContext, operatorName: string): StoreFactory {
  switch (spec.kind) {
    case 'given':
      return givenStore(spec.builder)
    case 'table': {
      const { supplier } = spec
      const historyRetentionMs = supplier?.kind === 'versioned' ? supplier.historyRetentionMs : undefined
      return factory(
        spec,
        historyRetentionMs === undefined ? 'key-value' : 'versioned',
        tableBuilder(spec, context, operatorName),
        {
          historyRetentionMs,
        },
      )
    }
    case 'window':
      return factory(spec, 'window', windowBuilder(spec, context, operatorName), spec)
    case 'session':
      return factory(spec, 'window', sessionBuilder(spec, context, operatorName), spec)
    case 'join-window':
      return factory(spec, 'window', joinWindowBuilder(spec, context, operatorName), spec)
    case 'unmatched':
      return factory(spec, 'key-value', unmatchedBuilder(spec, context, operatorName))
    case 'suppression': {
      const options = { name: spec.name, ...serdesOf(spec, context, operatorName) }
      return factory(spec, 'key-value', () => suppressionBufferStoreBuilder(options))
    }
    case 'join-buffer': {
      const options = { name: spec.name, graceMs: spec.graceMs, ...serdesOf(spec, context, operatorName) }
      return factory(spec, 'key-value', () => joinBufferStoreBuilder(options))
    }
    case 'subscription': {
      const primaryKeySerde = context.keySerde(spec.primaryKeySerde, operatorName)
      const serde = subscriptionWrapperSerde(primaryKeySerde, spec.primaryKeyTopic)
      return factory(spec, 'key-value', (dslStore) =>
        timestampedKeyValueStoreBuilder(
          dslStoreSuppliers(dslStore).keyValueStore({ name: spec.name }),
          Serdes.bytes() as Serde<unknown>,
          serde,
        ),
      )
    }
  }
}

function factory(
  spec: Exclude<StoreSpec, { kind: 'given' }>,
  kind: StoreFactory['kind'],
  make: MakeBuilder,
  times: { readonly retentionMs?: number; readonly historyRetentionMs?: number | undefined } = {},
): StoreFactory {
  const { name, logConfig } = spec
  return Object.freeze({
    name,
    kind,
    loggingEnabled: logConfig !== undefined,
    logConfig: logConfig ?? {},
    retentionMs: times.retentionMs,
    historyRetentionMs: times.historyRetentionMs,
    builder(dslStore: DslStoreType) {
      const builder = make(dslStore)
      return logConfig === undefined ? builder.withLoggingDisabled() : builder.withLoggingEnabled(logConfig)
    },
  })
}

function serdesOf(
  spec: { readonly keySerde: SerdeRef; readonly valueSerde: SerdeRef },
  context: WriteContext,
  operatorName: string,
): { readonly keySerde: Serde<unknown>; readonly valueSerde: Serde<unknown> } {
  return {
    keySerde: context.keySerde(spec.keySerde, operatorName),
    valueSerde: context.valueSerde(spec.valueSerde, operatorName),
  }
}

function tableBuilder(spec: TableStoreSpec, context: WriteContext, operatorName: string): MakeBuilder {
  const { name, supplier, storeType, caching } = spec
  const { keySerde, valueSerde } = serdesOf(spec, context, operatorName)
  if (supplier?.kind === 'versioned') return () => versionedKeyValueStoreBuilder(supplier, keySerde, valueSerde)
  return (dslStore) => {
    const bytes = supplier ?? dslStoreSuppliers(storeType ?? dslStore).keyValueStore({ name })
    return cached(timestampedKeyValueStoreBuilder(bytes, keySerde, valueSerde), caching)
  }
}

function windowBuilder(spec: WindowStoreSpec, context: WriteContext, operatorName: string): MakeBuilder {
  const { name, supplier, storeType, caching, retentionMs, windowSizeMs, emitStrategy } = spec
  const { keySerde, valueSerde } = serdesOf(spec, context, operatorName)
  const isSlidingWindow = spec.isSliding
  const params = { name, retentionMs, windowSizeMs, retainDuplicates: false, emitStrategy, isSlidingWindow }
  return (dslStore) => {
    const bytes = supplier ?? dslStoreSuppliers(storeType ?? dslStore).windowStore(params)
    return cached(timestampedWindowStoreBuilder(bytes, keySerde, valueSerde), caching)
  }
}

function sessionBuilder(spec: SessionStoreSpec, context: WriteContext, operatorName: string): MakeBuilder {
  const { name, supplier, storeType, caching, retentionMs, emitStrategy } = spec
  const { keySerde, valueSerde } = serdesOf(spec, context, operatorName)
  return (dslStore) => {
    const bytes = supplier ?? dslStoreSuppliers(storeType ?? dslStore).sessionStore({ name, retentionMs, emitStrategy })
    return cached(sessionStoreBuilder(bytes, keySerde, valueSerde), caching)
  }
}

function joinWindowBuilder(spec: JoinWindowStoreSpec, context: WriteContext, operatorName: string): MakeBuilder {
  const { name, supplier, storeType, retentionMs, windowSizeMs } = spec
  const { keySerde, valueSerde } = serdesOf(spec, context, operatorName)
  const params = { name, retentionMs, windowSizeMs, emitStrategy: 'onWindowUpdate', isSlidingWindow: false } as const
  return (dslStore) => {
    const chosen = dslStoreSuppliers(storeType ?? dslStore)
    return windowStoreBuilder(
      supplier ?? chosen.windowStore({ ...params, retainDuplicates: true }),
      keySerde,
      valueSerde,
    )
  }
}

function unmatchedBuilder(spec: UnmatchedStoreSpec, context: WriteContext, operatorName: string): MakeBuilder {
  const { name, storeType, beside } = spec
  const serdes = {
    keySerde: context.keySerde(spec.keySerde, operatorName),
    leftValueSerde: context.valueSerde(spec.valueSerde, operatorName),
    rightValueSerde: context.valueSerde(spec.otherValueSerde, operatorName),
  }
  const likeBeside = beside === undefined ? undefined : beside.persistent ? 'rocksDB' : 'in_memory'
  return (dslStore) => {
    const suppliers = dslStoreSuppliers(storeType ?? likeBeside ?? dslStore)
    return outerJoinStoreBuilder(suppliers.keyValueStore({ name }), serdes)
  }
}

function cached(builder: Builder, caching: boolean): Builder {
  return caching && builder.kind !== 'versioned' ? builder.withCachingEnabled() : builder.withCachingDisabled()
}
