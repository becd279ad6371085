import type { BytesStore } from '@millrace/state-stores'
import type { Consumer, TopicPartition } from '../clients/consumer.ts'
import { InvalidStateStoreError } from '../errors.ts'
import { MeteredSessionStore } from '../state/metered-session-store.ts'
import { MeteredStore } from '../state/metered-store.ts'
import { MeteredWindowStore } from '../state/metered-window-store.ts'
import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { Window, Windowed } from '../windows/window.ts'
import { emptyView } from './committed-view.ts'
import type { LocalStores } from './local-stores.ts'
import type { QueryHost } from './query-host.ts'

/** One committed write to a store. */
export interface StoreChange {
  readonly key: unknown
  /** Of a window or session store. */
  readonly window?: Window
  /** Null: removed. */
  readonly value: unknown
  /** The changelog record's time, Unix ms. */
  readonly timestamp: number
  readonly partition: number
  /** Of the changelog record. */
  readonly offset: number
}

/** Which changes to follow. */
export interface StoreChangesOptions {
  /** Ends the walk. */
  readonly signal: AbortSignal
  /** Default: all partitions of the store, whichever instance has them. */
  readonly partitions?: readonly number[]
  /** By partition: the changelog offset to begin with. Default: what is committed from now on. */
  readonly from?: ReadonlyMap<number, number>
}

/** ms after which a quiet changelog gives an empty batch, a sign of life. */
const quietMs = 1_000

/**
 * Follows the changes of a store by reading its changelog: under exactly-once what is committed, else what was written. Gives
 * them in batches: an empty one as soon as nothing that follows will be missed, and when nothing happens for a while. Any instance can follow all partitions.
 * @throws UnknownStateStoreError, InvalidStateStoreError for a store without changelog or of the user's own
 */
export async function* storeChanges(
  host: QueryHost,
  stores: LocalStores,
  storeName: string,
  { signal, partitions, from = new Map() }: StoreChangesOptions,
): AsyncGenerator<readonly StoreChange[], void> {
  stores.requireStarted(storeName)
  const { topic, store } = changelogOf(host, stores, storeName)
  const count = stores.partitionCount(storeName) ?? 0
  const followed = (partitions ?? Array.from({ length: count }, (_, partition) => partition)).map((partition) => ({
    topic,
    partition,
  }))
  const isolation = host.config.processingGuarantee === 'exactly_once_v2' ? 'read_committed' : 'read_uncommitted'
  const consumer = host.clients.restoreConsumer({
    clientId: `${host.config.applicationId}-changes-of-${storeName}`,
    isolation,
  })
  const wake = () => consumer.wakeup()
  signal.addEventListener('abort', wake)
  try {
    consumer.assign(followed)
    await seek(host, consumer, followed, from, isolation)
    yield []
    while (!signal.aborted) {
      const changes: StoreChange[] = []
      for (const { partition, records } of await consumer.poll(quietMs)) {
        for (const { key, value, timestamp, offset } of records) {
          if (key === null) continue
          changes.push({ ...typedChange(store, key, value, timestamp), timestamp, partition, offset })
        }
      }
      if (!signal.aborted) yield changes
    }
  } finally {
    signal.removeEventListener('abort', wake)
    await consumer.close()
  }
}

type AnyStore = MeteredStore<BytesStore, unknown, unknown, unknown>

function typedChange(
  store: AnyStore,
  keyBytes: Uint8Array,
  valueBytes: Uint8Array | null,
  timestamp: number,
): Pick<StoreChange, 'key' | 'window' | 'value'> {
  const [key, row] = store.readChange(keyBytes, valueBytes, timestamp)
  const value = row !== null && store.isTimestamped ? (row as ValueAndTimestamp<unknown>).value : row
  const isWindowed = store instanceof MeteredWindowStore || store instanceof MeteredSessionStore
  return isWindowed ? { ...(key as Windowed<unknown>), value } : { key, value }
}

async function seek(
  host: QueryHost,
  consumer: Consumer,
  followed: readonly TopicPartition[],
  from: ReadonlyMap<number, number>,
  isolation: 'read_committed' | 'read_uncommitted',
): Promise<void> {
  const admin = host.clients.admin()
  try {
    const ends = await admin.endOffsets(followed, isolation)
    for (const partition of followed) consumer.seek(partition, from.get(partition.partition) ?? ends.get(partition)!)
  } finally {
    await admin.close()
  }
}

function changelogOf(
  host: QueryHost,
  stores: LocalStores,
  storeName: string,
): { readonly topic: string; readonly store: AnyStore } {
  const { builder, subtopologyId } = stores.declaration(storeName)
  const plan = host.plan.subtopologies.find(({ topology }) => topology.subtopologyId === subtopologyId)
  const topic = plan?.topology.changelogTopics.get(storeName)
  if (plan === undefined || topic === undefined) {
    throw new InvalidStateStoreError(
      storeName,
      `The changes of store '${storeName}' cannot be followed: it has no changelog. Turn its logging on, or follow the topic of a global table.`,
    )
  }
  const store = builder.kind === 'custom' ? undefined : emptyView(builder, plan.topology, host.config.applicationId)
  if (!(store instanceof MeteredStore)) {
    throw new InvalidStateStoreError(
      storeName,
      `The changes of store '${storeName}' cannot be followed: how it writes its changelog is not known, because it is a store of your own.`,
    )
  }
  return { topic, store }
}
