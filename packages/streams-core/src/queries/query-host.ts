import type { StateEngine } from '@millrace/state-stores'
import type { KafkaClientSupplier } from '../clients/client-supplier.ts'
import type { ActiveTask } from '../runtime/active-task.ts'
import type { AssignedInstance } from '../runtime/assignment/streams-protocol.ts'
import type { PartitionPlan } from '../runtime/partition-plan.ts'
import type { StateStore } from '../state/state-store.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import type { TopologyPlan } from '../topology/processor-topology.ts'
import type { HostInfo } from './host-info.ts'

/** What queries need of the application that they ask. */
export interface QueryHost {
  readonly config: StreamsConfig
  readonly plan: TopologyPlan
  readonly clients: KafkaClientSupplier
  readonly time: Time
  /** The setting `application.server`; without it, where the query service is. */
  readonly applicationServer: HostInfo | undefined
  /** Names this instance in its group; '' before `start`. */
  processId(): string
  /** Tells the group where this instance's query service is, unless `application.server` says it; undefined: nowhere any more. */
  announce(server: HostInfo | undefined): void
  /** As `KafkaStreams.state()`. */
  state(): string
  /** The tasks of this instance, those that are being restored included. */
  tasks(): Iterable<ActiveTask>
  /** The tasks of which this instance keeps copies. */
  standbyTasks(): Iterable<ActiveTask>
  /** All instances and their tasks, as of the last assignment; none before the first. */
  instances(): readonly AssignedInstance[]
  /** Stores of global tables; empty before they are filled. */
  globalStores(): ReadonlyMap<string, StateStore>
  /** The engine of these; undefined as long as there is none. */
  globalEngine(): StateEngine | undefined
  /** How the application is cut into tasks; undefined before `start` has found out. */
  partitionPlan(): PartitionPlan | undefined
}
