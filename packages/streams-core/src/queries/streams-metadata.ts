import type { TopicPartition } from '../clients/consumer.ts'
import type { TaskPlan } from '../runtime/partition-plan.ts'
import { type HostInfo, parseApplicationServer } from './host-info.ts'
import type { LocalStores } from './local-stores.ts'
import type { QueryHost } from './query-host.ts'

/** What one instance of the application has; plain data. @see org.apache.kafka.streams.StreamsMetadata */
export interface StreamsMetadata {
  /** Undefined: the instance has no `application.server`. */
  readonly hostInfo: HostInfo | undefined
  /** Global stores included, which every instance has. */
  readonly stateStoreNames: readonly string[]
  /** Partitions that its tasks read. */
  readonly topicPartitions: readonly TopicPartition[]
  /** Stores of which it keeps copies. */
  readonly standbyStateStoreNames: readonly string[]
  /** Partitions that the tasks read of which it keeps copies. */
  readonly standbyTopicPartitions: readonly TopicPartition[]
}

/** This instance as it is now. */
export function localMetadata(host: QueryHost, stores: LocalStores): StreamsMetadata {
  const plans = (tasks: Iterable<{ readonly plan: TaskPlan }>) => Array.from(tasks, ({ plan }) => plan)
  return metadata(stores, host.applicationServer, plans(host.tasks()), plans(host.standbyTasks()))
}

/** The other instances, as the last assignment says. */
export function remoteMetadata(host: QueryHost, stores: LocalStores): readonly StreamsMetadata[] {
  const plans = new Map(host.partitionPlan()?.tasks.map((plan) => [plan.id, plan]))
  const plansOf = (taskIds: readonly string[]) => taskIds.flatMap((taskId) => plans.get(taskId) ?? [])
  const own = host.processId()
  return host
    .instances()
    .filter(({ processId }) => processId !== own)
    .map(({ applicationServer, activeTasks, standbyTasks }) => {
      const hostInfo = applicationServer === undefined ? undefined : parseApplicationServer(applicationServer)
      return metadata(stores, hostInfo, plansOf(activeTasks), plansOf(standbyTasks))
    })
}

function metadata(
  stores: LocalStores,
  hostInfo: HostInfo | undefined,
  active: readonly TaskPlan[],
  standby: readonly TaskPlan[],
): StreamsMetadata {
  const idsOf = (plans: readonly TaskPlan[]) =>
    new Set(plans.map(({ subtopology }) => subtopology.topology.subtopologyId))
  const [activeIds, standbyIds] = [idsOf(active), idsOf(standby)]
  const declared = [...stores.declared]
  return {
    hostInfo,
    stateStoreNames: declared.flatMap(([name, { subtopologyId }]) =>
      subtopologyId === undefined || activeIds.has(subtopologyId) ? [name] : [],
    ),
    topicPartitions: active.flatMap(({ inputPartitions }) => inputPartitions),
    standbyStateStoreNames: declared.flatMap(([name, { subtopologyId, isLogged }]) =>
      subtopologyId !== undefined && isLogged && standbyIds.has(subtopologyId) ? [name] : [],
    ),
    standbyTopicPartitions: standby.flatMap(({ inputPartitions }) => inputPartitions),
  }
}
