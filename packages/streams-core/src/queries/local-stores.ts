import { type StateEngine, StoreClosedError } from '@millrace/state-stores'
import { UnknownStateStoreError } from '../errors.ts'
import type { ActiveTask } from '../runtime/active-task.ts'
import type { StateStore, StoreBuilder } from '../state/state-store.ts'
import { committedView, uncachedView } from './committed-view.ts'
import { InvalidStateStorePartitionError, StateStoreNotAvailableError, StreamsNotStartedError } from './query-error.ts'
import type { QueryHost } from './query-host.ts'

/**
 * What a query sees. `read_committed`: what the last commit of the store's task left; `read_uncommitted`: what the task itself
 * sees, with cached and uncommitted writes, which an abort may take back.
 */
export type QueryIsolation = 'read_committed' | 'read_uncommitted'

/** Which of the stores of a name are asked. @see org.apache.kafka.streams.StoreQueryParameters */
export interface StoreQueryParameters {
  /** Only this partition of the store. Default: all that this instance has. */
  readonly partition?: number
  /** Also stores that are still being restored, and standby copies, which lag behind. Default: false. */
  readonly enableStaleStores?: boolean
  /** Default: `read_committed` under exactly-once, else `read_uncommitted` as in Java. */
  readonly isolation?: QueryIsolation
}

/** A store of the topology, and what its name stands for. */
export interface DeclaredStore {
  readonly builder: StoreBuilder<StateStore>
  /** Undefined: a global store, which every instance has whole. */
  readonly subtopologyId: number | undefined
  /** Has a changelog, and thus may have copies. */
  readonly isLogged: boolean
}

/** A store that may be read, and the engine below it. */
export interface ReadableStore {
  readonly store: StateStore
  /** Undefined: of a store that is not of this library, or before there is one. */
  readonly engine: StateEngine | undefined
}

/** Finds the stores of a name in the tasks of this instance. */
export class LocalStores {
  readonly #host: QueryHost
  readonly #declared = new Map<string, DeclaredStore>()

  constructor(host: QueryHost) {
    this.#host = host
    for (const { topology } of host.plan.subtopologies) {
      for (const builder of topology.stores) {
        const isLogged = topology.changelogTopics.has(builder.name)
        this.#declared.set(builder.name, { builder, subtopologyId: topology.subtopologyId, isLogged })
      }
    }
    for (const builder of host.plan.global?.stores ?? []) {
      this.#declared.set(builder.name, { builder, subtopologyId: undefined, isLogged: false })
    }
  }

  /** All stores of the topology, by name. */
  get declared(): ReadonlyMap<string, DeclaredStore> {
    return this.#declared
  }

  /** @throws UnknownStateStoreError */
  declaration(storeName: string): DeclaredStore {
    const declared = this.#declared.get(storeName)
    if (declared !== undefined) return declared
    const known = [...this.#declared.keys()].map((name) => `'${name}'`).join(', ')
    throw new UnknownStateStoreError(
      storeName,
      `There is no store '${storeName}' in the topology. It has ${known === '' ? 'no stores' : known}.`,
    )
  }

  /** Tasks of this instance that have the store, by partition. @throws UnknownStateStoreError */
  tasks(storeName: string): readonly ActiveTask[] {
    return this.#withStore(storeName, this.#host.tasks())
  }

  #withStore(storeName: string, tasks: Iterable<ActiveTask>): readonly ActiveTask[] {
    const { subtopologyId } = this.declaration(storeName)
    return [...tasks]
      .filter(({ plan }) => plan.subtopology.topology.subtopologyId === subtopologyId)
      .sort((a, b) => a.plan.partition - b.plan.partition)
  }

  /** Tasks with the store of which this instance keeps copies, by partition. @throws UnknownStateStoreError */
  standbyTasks(storeName: string): readonly ActiveTask[] {
    return this.#withStore(storeName, this.#host.standbyTasks())
  }

  /** How many partitions the store has in all instances; undefined before `start` has found out, and for a global store. */
  partitionCount(storeName: string): number | undefined {
    const { subtopologyId } = this.declaration(storeName)
    const plan = this.#host.partitionPlan()
    if (plan === undefined || subtopologyId === undefined) return undefined
    return plan.tasks.filter(({ subtopology }) => subtopology.topology.subtopologyId === subtopologyId).length
  }

  /** The store as one task has it; `skipsCache`: without what its record cache holds back. */
  open(
    active: ActiveTask,
    storeName: string,
    isolation: QueryIsolation = this.defaultIsolation,
    skipsCache = false,
  ): StateStore {
    const { builder } = this.declaration(storeName)
    // What a restore has written is committed. A store that is not of this library may have one place for its data, which
    // cannot be opened twice.
    const isOwn = builder.kind !== 'custom' && builder.kind !== 'buffer'
    if (isolation === 'read_committed' && isOwn && active.task.state !== 'restoring') {
      return committedView(active, builder, this.#host.config.applicationId)
    }
    if (skipsCache && isOwn) return uncachedView(active, builder, this.#host.config.applicationId)
    return active.task.stores.get(storeName)!
  }

  get defaultIsolation(): QueryIsolation {
    return this.#host.config.processingGuarantee === 'exactly_once_v2' ? 'read_committed' : 'read_uncommitted'
  }

  /** The store of a global table. */
  global(storeName: string): StateStore {
    this.requireStarted(storeName)
    const store = this.#host.globalStores().get(storeName)
    if (store?.isOpen() === true) return store
    throw this.#notAvailable(storeName, 'its table is not filled yet')
  }

  /**
   * The stores of a name that may be read now, by partition.
   * @throws UnknownStateStoreError, StreamsNotStartedError, StateStoreNotAvailableError, InvalidStateStorePartitionError
   */
  readable(storeName: string, parameters: StoreQueryParameters = {}): readonly StateStore[] {
    return this.readableWithEngines(storeName, parameters).map(({ store }) => store)
  }

  /** As {@link readable}, with the engines below. */
  readableWithEngines(storeName: string, parameters: StoreQueryParameters = {}): readonly ReadableStore[] {
    if (this.declaration(storeName).subtopologyId === undefined) {
      return [{ store: this.global(storeName), engine: this.#host.globalEngine() }]
    }
    this.requireStarted(storeName)
    const { partition, enableStaleStores = false, isolation } = parameters
    const count = this.partitionCount(storeName)
    if (partition !== undefined && count !== undefined && (partition < 0 || partition >= count)) {
      throw new InvalidStateStorePartitionError(
        storeName,
        `Store '${storeName}' has no partition ${partition}; it has ${count}, from 0 on.`,
      )
    }
    const tasks = [...this.tasks(storeName), ...(enableStaleStores ? this.standbyTasks(storeName) : [])]
      .filter(({ plan }) => partition === undefined || plan.partition === partition)
      .sort((a, b) => a.plan.partition - b.plan.partition)
    if (tasks.length === 0) {
      const what = partition === undefined ? 'none of its partitions is' : `partition ${partition} is not`
      throw this.#notAvailable(storeName, `${what} with this instance`)
    }
    for (const { plan, task } of tasks) {
      if (task.state === 'running' || (enableStaleStores && task.state === 'restoring')) continue
      throw this.#notAvailable(storeName, `task ${plan.id} is being restored (enableStaleStores reads it nevertheless)`)
    }
    return tasks.map((active) => ({ store: this.open(active, storeName, isolation), engine: active.engine }))
  }

  /** @throws StreamsNotStartedError, StateStoreNotAvailableError when the application has ended */
  requireStarted(storeName: string): void {
    const state = this.#host.state()
    if (state === 'CREATED') {
      throw new StreamsNotStartedError(
        storeName,
        `Store '${storeName}' cannot be read before the application has started. Call start() first.`,
      )
    }
    if (state !== 'RUNNING' && state !== 'REBALANCING') {
      throw this.#notAvailable(storeName, 'the application has ended')
    }
  }

  #notAvailable(storeName: string, why: string): StateStoreNotAvailableError {
    return new StateStoreNotAvailableError(
      storeName,
      `Store '${storeName}' cannot be read now: ${why}; the application is ${this.#host.state()}. Try again, or ask the instance that queryMetadataForKey names.`,
    )
  }
}

/** Runs one read; a store that was closed under it is reported as not available any more. */
export function reading<R>(storeName: string, read: () => R): R {
  try {
    return read()
  } catch (error) {
    throw asNotAvailable(storeName, error)
  }
}

/**
 * Runs one read that takes about so many entries of a store, without holding the thread while their keys are fetched. `read` may be
 * called several times.
 */
export async function readingAhead<R>(
  { store, engine }: ReadableStore,
  expected: number,
  read: (store: StateStore) => R,
): Promise<R> {
  if (engine?.readAhead === undefined) return reading(store.name, () => read(store))
  try {
    return await engine.readAhead(store.name, expected, () => read(store))
  } catch (error) {
    throw asNotAvailable(store.name, error)
  }
}

function asNotAvailable(storeName: string, error: unknown): unknown {
  if (!(error instanceof StoreClosedError)) return error
  return new StateStoreNotAvailableError(
    storeName,
    `Store '${storeName}' is not available any more: its task has ended or moved to another instance. Find it again with queryMetadataForKey.`,
    { cause: error },
  )
}
