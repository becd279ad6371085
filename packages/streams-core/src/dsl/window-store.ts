import type { SerdeRef } from '../topology/serde-ref.ts'
import type { SessionStoreSpec, WindowStoreSpec } from '../topology/store-spec.ts'
import type { EmitStrategy } from '../windows/emit-strategy.ts'
import type { SessionWindows } from '../windows/session-windows.ts'
import { SlidingWindows } from '../windows/sliding-windows.ts'
import { WindowedSerdes } from '../windows/windowed-serde.ts'
import type { Windows } from '../windows/windows.ts'
import { logConfigOf, retentionOf } from './materialization.ts'
import type { SessionMaterialized, WindowMaterialized } from './materialized.ts'
import type { AnySerde } from './serde-refs.ts'

/**
 * The store of an aggregation by windows of time.
 * @throws TopologyError when its retention is shorter than a window and its grace
 */
export function windowStore<K, V>(
  name: string,
  materialized: WindowMaterialized<K, V> | undefined,
  windows: Windows | SlidingWindows,
  emitStrategy: EmitStrategy,
  keySerde: SerdeRef,
  valueSerde: SerdeRef,
): WindowStoreSpec {
  const isSliding = windows instanceof SlidingWindows
  const windowSizeMs = sizeOf(windows)
  const leastMs = isSliding ? 2 * windowSizeMs + windows.gracePeriodMs : windowSizeMs + windows.gracePeriodMs
  const why = isSliding ? 'sliding windows (twice the time difference, and grace)' : 'its windows and their grace'
  return Object.freeze({
    kind: 'window',
    name,
    keySerde,
    valueSerde,
    storeType: materialized?.storeType,
    supplier: materialized?.storeSupplier,
    caching: materialized?.caching !== false && !(isSliding && emitStrategy === 'onWindowClose'),
    logConfig: logConfigOf(materialized?.logging),
    retentionMs: retentionOf(name, materialized?.retentionMs, leastMs, why),
    windowSizeMs,
    emitStrategy,
    isSliding,
  })
}

/**
 * The store of an aggregation by sessions.
 * @throws TopologyError when its retention is shorter than the inactivity gap and the grace
 */
export function sessionStore<K, V>(
  name: string,
  materialized: SessionMaterialized<K, V> | undefined,
  windows: SessionWindows,
  emitStrategy: EmitStrategy,
  keySerde: SerdeRef,
  valueSerde: SerdeRef,
): SessionStoreSpec {
  const leastMs = windows.inactivityGapMs + windows.gracePeriodMs
  return Object.freeze({
    kind: 'session',
    name,
    keySerde,
    valueSerde,
    storeType: materialized?.storeType,
    supplier: materialized?.storeSupplier,
    caching: materialized?.caching !== false && emitStrategy !== 'onWindowClose',
    logConfig: logConfigOf(materialized?.logging),
    retentionMs: retentionOf(name, materialized?.retentionMs, leastMs, 'its inactivity gap and grace'),
    emitStrategy,
  })
}

/** The serde of keys within windows of time, made of the keys' own. */
export function timeWindowedKey(keySerde: SerdeRef, windows: Windows | SlidingWindows): SerdeRef {
  const wrap = (inner: AnySerde) => WindowedSerdes.timeWindowedSerdeFrom(inner, sizeOf(windows)) as AnySerde
  return { of: keySerde, component: 'key', wrap }
}

/** The serde of keys within sessions, made of the keys' own. */
export function sessionWindowedKey(keySerde: SerdeRef): SerdeRef {
  return { of: keySerde, component: 'key', wrap: (inner) => WindowedSerdes.sessionWindowedSerdeFrom(inner) as AnySerde }
}

function sizeOf(windows: Windows | SlidingWindows): number {
  return windows instanceof SlidingWindows ? windows.timeDifferenceMs : windows.sizeMs
}
