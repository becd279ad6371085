import { TopologyError } from '../errors.ts'
import type { StateStore, StoreBuilder } from './state-store.ts'

/** The settings that a builder's `with…` methods change. */
export interface StoreBuilderSettings {
  readonly loggingEnabled: boolean
  readonly logConfig: Readonly<{ [key: string]: string }>
  readonly cachingEnabled: boolean
}

/** What does not change in a builder. */
export interface StoreBuilderBase<S extends StateStore> {
  readonly name: string
  readonly kind: StoreBuilder<S>['kind']
  readonly retentionMs?: number
  /** False: `withCachingEnabled` has no effect; for a versioned store it throws, as in Java. */
  readonly canCache: boolean
  /** Makes a store with its layers. */
  build(settings: StoreBuilderSettings): S
}

const defaultSettings: StoreBuilderSettings = { loggingEnabled: true, logConfig: {}, cachingEnabled: false }

/** A builder whose `with…` methods give changed copies. Logging is on and caching off unless said otherwise. */
export function storeBuilder<S extends StateStore>(
  base: StoreBuilderBase<S>,
  settings: StoreBuilderSettings = defaultSettings,
): StoreBuilder<S> {
  const change = (changes: Partial<StoreBuilderSettings>) => storeBuilder(base, { ...settings, ...changes })
  return Object.freeze({
    name: base.name,
    kind: base.kind,
    ...(base.retentionMs === undefined ? {} : { retentionMs: base.retentionMs }),
    ...settings,
    withLoggingEnabled: (config = {}) =>
      change({ loggingEnabled: true, logConfig: { ...settings.logConfig, ...config } }),
    withLoggingDisabled: () => change({ loggingEnabled: false }),
    withCachingEnabled: () => {
      if (base.kind === 'versioned') {
        throw new TopologyError(
          `Store '${base.name}' is versioned and cannot be cached. Leave out withCachingEnabled().`,
        )
      }
      return change({ cachingEnabled: base.canCache })
    },
    withCachingDisabled: () => change({ cachingEnabled: false }),
    build: () => base.build(settings),
  } satisfies StoreBuilder<S>)
}
