import type { DslStoreType } from '../state/dsl-store-suppliers.ts'
import type { StateStore, StoreBuilder } from '../state/state-store.ts'

/**
 * A store of a topology before it is known where it runs: its settings, and how to get its builder. Two uses of one name
 * must be of one factory.
 * @see org.apache.kafka.streams.processor.internals.StoreFactory
 */
export interface StoreFactory {
  readonly name: string
  /** Which clean-up the changelog needs: `compact`, `compact,delete` after a retention, or `compact` with a lag. */
  readonly kind: 'key-value' | 'window' | 'versioned'
  readonly loggingEnabled: boolean
  readonly logConfig: Readonly<{ [key: string]: string }>
  /** ms; of window stores. */
  readonly retentionMs: number | undefined
  /** ms; of versioned stores. */
  readonly historyRetentionMs: number | undefined
  /** `dslStore`: the kind of store where none was given. */
  builder(dslStore: DslStoreType): StoreBuilder<StateStore>
}

/** The factory of a store that the user built. */
export function givenStore(builder: StoreBuilder<StateStore>): StoreFactory {
  const known = given.get(builder)
  if (known !== undefined) return known
  const factory: StoreFactory = Object.freeze({
    name: builder.name,
    kind:
      builder.kind === 'versioned'
        ? 'versioned'
        : builder.kind === 'window' || builder.kind === 'session'
          ? 'window'
          : 'key-value',
    loggingEnabled: builder.loggingEnabled,
    logConfig: builder.logConfig,
    retentionMs: builder.retentionMs,
    historyRetentionMs: builder.kind === 'versioned' ? builder.retentionMs : undefined,
    builder: () => builder,
  })
  given.set(builder, factory)
  return factory
}

const given = new WeakMap<StoreBuilder<StateStore>, StoreFactory>()
