import type { TopicPartition } from '../clients/consumer.ts'
import type { QueryHost } from './query-host.ts'

/** How far a copy of a store is behind its changelog; offsets of the changelog. @see org.apache.kafka.streams.LagInfo */
export interface LagInfo {
  readonly currentOffsetPosition: number
  readonly endOffsetPosition: number
  readonly offsetLag: number
}

/**
 * The lag of every logged store of this instance, standby copies included, by store, then partition. A running task is the only
 * writer of its changelogs and thus never behind.
 */
export async function storePartitionLags(host: QueryHost): Promise<ReadonlyMap<string, ReadonlyMap<number, LagInfo>>> {
  const local = [...host.tasks(), ...host.standbyTasks()].flatMap((active) =>
    active.loggedStores.map((store) => ({ ...store, isRunning: active.task.state === 'running' })),
  )
  const ends = await endOffsets(
    host,
    local.map(({ changelog }) => changelog),
  )
  const lags = new Map<string, Map<number, LagInfo>>()
  for (const { storeName, changelog, offset, isRunning } of local) {
    const end = ends.get(changelog) ?? offset
    const current = isRunning ? end : Math.min(offset, end)
    if (!lags.has(storeName)) lags.set(storeName, new Map())
    lags.get(storeName)!.set(changelog.partition, {
      currentOffsetPosition: current,
      endOffsetPosition: end,
      offsetLag: end - current,
    })
  }
  return lags
}

async function endOffsets(
  host: QueryHost,
  partitions: readonly TopicPartition[],
): Promise<ReadonlyMap<TopicPartition, number>> {
  if (partitions.length === 0) return new Map()
  const admin = host.clients.admin()
  try {
    const exactlyOnce = host.config.processingGuarantee === 'exactly_once_v2'
    return await admin.endOffsets(partitions, exactlyOnce ? 'read_committed' : 'read_uncommitted')
  } finally {
    await admin.close()
  }
}
