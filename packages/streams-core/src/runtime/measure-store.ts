import { hitRatio, type MeasuredKind, StoreMetrics, suppressionBufferMetrics } from '../metrics/store-metrics.ts'
import { MeteredKeyValueStore } from '../state/metered-key-value-store.ts'
import { MeteredSessionStore } from '../state/metered-session-store.ts'
import { MeteredStore } from '../state/metered-store.ts'
import { MeteredVersionedStore } from '../state/metered-versioned-store.ts'
import { MeteredWindowStore } from '../state/metered-window-store.ts'
import type { StateStore } from '../state/state-store.ts'
import { SuppressionBufferStore } from '../state/suppression-buffer-store.ts'
import { nanoseconds } from '../time.ts'
import type { TaskContext } from './task-context.ts'

/** The methods of typed stores, and the operation as which Kafka counts each. */
const operationOf: Readonly<Record<string, string>> = {
  get: 'get',
  getAsOf: 'get',
  getRange: 'get',
  put: 'put',
  putIfAbsent: 'put-if-absent',
  putAll: 'put-all',
  delete: 'delete',
  remove: 'remove',
  range: 'range',
  reverseRange: 'range',
  all: 'all',
  reverseAll: 'all',
  prefixScan: 'prefix-scan',
  flush: 'commit',
  restore: 'restore',
  fetch: 'fetch',
  fetchOne: 'fetch',
  backwardFetch: 'fetch',
  fetchRange: 'fetch',
  backwardFetchRange: 'fetch',
  fetchAll: 'fetch',
  backwardFetchAll: 'fetch',
  fetchSession: 'fetch',
  findSessions: 'fetch',
  backwardFindSessions: 'fetch',
  findSessionsRange: 'fetch',
  backwardFindSessionsRange: 'fetch',
  findSessionsByEnd: 'fetch',
}

type Method = (...args: unknown[]) => unknown

/**
 * Gives a store of a task its figures. Its methods are replaced by ones with the clock in hand where the recording level asks
 * for that (DEBUG); else the store stays as it is, and costs nothing.
 */
export function measureStore(store: StateStore, task: TaskContext): void {
  if (store instanceof SuppressionBufferStore) measureBuffer(store, task)
  const kind = kindOf(store)
  if (!(store instanceof MeteredStore) || kind === undefined) return
  const { metrics, tags } = task.figures
  const figures = new StoreMetrics(metrics, tags, store.metricsScope, store.name, kind)
  figures.gauges({
    openIterators: () => store.openIterators.count,
    oldestIteratorMs: () => store.openIterators.oldestSinceMs,
    entries: entriesOf(store),
  })
  if (!metrics.records('DEBUG')) {
    if (store.isCached) hitRatio(metrics, tags, store.name)
    return
  }
  if (store.isCached) measureCache(store, task)
  const now = () => nanoseconds(task.time)
  store.openIterators.measure(figures.iteratorDuration, () => task.time.now(), now)
  const onPut = metrics.records('TRACE') ? () => recordLatency(task, figures) : () => {}
  // Of calls within calls only the outer one counts.
  let isInside = false
  for (const [method, operation] of Object.entries(operationOf)) {
    const operationFigures = figures.operations.get(operation)
    if (operationFigures === undefined) continue
    const { calls, latency } = operationFigures
    // A commit may forward what is cached, and so lead to calls of their own.
    const holdsOthersBack = operation !== 'commit'
    const isPut = operation === 'put'
    replace(store, method, (original) => (...args) => {
      if (isInside) return original.apply(store, args)
      isInside = holdsOthersBack
      const begin = now()
      try {
        return original.apply(store, args)
      } finally {
        isInside = false
        calls.record()
        latency.record(now() - begin)
        if (isPut) onPut()
      }
    })
  }
}

function recordLatency(task: TaskContext, figures: StoreMetrics): void {
  const timestamp = task.current?.timestamp
  if (timestamp !== undefined) figures.latency.record(task.time.now() - timestamp)
}

/** Its hits are told at each flush, which comes with each commit. */
function measureCache(store: StateStore, task: TaskContext): void {
  const { metrics, tags } = task.figures
  const ratio = hitRatio(metrics, tags, store.name)
  around(store, 'flush', (call) => {
    const { hits, misses } = task.cache?.hitsOf(`${task.taskId}-${store.name}`) ?? { hits: 0, misses: 0 }
    if (hits + misses > 0) ratio.record(hits / (hits + misses))
    return call()
  })
}

function measureBuffer(store: SuppressionBufferStore<unknown, unknown>, task: TaskContext): void {
  const { metrics, tags } = task.figures
  const figures = suppressionBufferMetrics(metrics, tags, store.name)
  if (!metrics.records('DEBUG')) return
  for (const method of ['put', 'evictWhile']) {
    around(store, method, (call) => {
      call()
      figures.count.record(store.numRecords)
      figures.size.record(store.bufferSize)
    })
  }
}

/** Calls `wrapper` in place of a method, if the store has it. */
function around(store: StateStore, method: string, wrapper: (call: () => unknown) => unknown): void {
  replace(
    store,
    method,
    (original) =>
      (...args) =>
        wrapper(() => original.apply(store, args)),
  )
}

function replace(store: StateStore, method: string, make: (original: Method) => Method): void {
  const original = (store as unknown as Record<string, Method | undefined>)[method]
  if (original !== undefined) Object.defineProperty(store, method, { configurable: true, value: make(original) })
}

function kindOf(store: StateStore): MeasuredKind | undefined {
  if (store instanceof MeteredKeyValueStore) return 'key-value'
  if (store instanceof MeteredWindowStore) return 'window'
  if (store instanceof MeteredSessionStore) return 'session'
  return store instanceof MeteredVersionedStore ? 'versioned' : undefined
}

function entriesOf(store: StateStore) {
  if (!(store instanceof MeteredKeyValueStore)) return undefined
  const read = () => (store.isOpen() ? store.approximateNumEntries() : 0)
  return { name: store.metricsScope.startsWith('in-memory') ? 'num-keys' : 'estimate-num-keys', read } as const
}
