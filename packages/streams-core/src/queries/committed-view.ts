import { type KeyspaceSource, memoryEngine, type StateEngine } from '@millrace/state-stores'
import { InvalidStateStoreError } from '../errors.ts'
import type { ActiveTask } from '../runtime/active-task.ts'
import type { StateStore, StoreBuilder } from '../state/state-store.ts'
import type { StoreContext } from '../state/store-context.ts'
import type { ProcessorTopology } from '../topology/processor-topology.ts'

/**
 * A task's store as its last commit left it: the same typed store once more, without cache and changelog, over the committed
 * layers of the engine. What the running transaction has written is not in it.
 */
export function committedView(
  active: ActiveTask,
  builder: StoreBuilder<StateStore>,
  applicationId: string,
): StateStore {
  const { topology } = active.plan.subtopology
  const store = builder.build()
  const engine = new ReadOnlyEngine(active.engine, active.engine.committed())
  store.init(new ReadOnlyContext(applicationId, topology, active.plan.id, engine))
  return store
}

/** A task's store with what the running transaction has written, but without what its record cache holds back. */
export function uncachedView(active: ActiveTask, builder: StoreBuilder<StateStore>, applicationId: string): StateStore {
  const { topology } = active.plan.subtopology
  const store = builder.build()
  const engine = new ReadOnlyEngine(active.engine, active.engine)
  store.init(new ReadOnlyContext(applicationId, topology, active.plan.id, engine))
  return store
}

/** A typed store without data: for its serdes. */
export function emptyView(
  builder: StoreBuilder<StateStore>,
  topology: ProcessorTopology,
  applicationId: string,
): StateStore {
  const store = builder.build()
  store.init(new ReadOnlyContext(applicationId, topology, '', new ReadOnlyEngine(memoryEngine(), memoryEngine())))
  return store
}

class ReadOnlyContext implements StoreContext {
  readonly applicationId: string
  readonly taskId: string
  readonly engine: StateEngine
  readonly #changelogTopics: ReadonlyMap<string, string>

  constructor(applicationId: string, topology: ProcessorTopology, taskId: string, engine: StateEngine) {
    this.applicationId = applicationId
    this.taskId = taskId
    this.engine = engine
    this.#changelogTopics = topology.changelogTopics
  }

  changelogTopic(storeName: string): string {
    return this.#changelogTopics.get(storeName) ?? `${this.applicationId}-${storeName}-changelog`
  }

  recordContext(): undefined {
    return undefined
  }

  setRecordContext(): void {}

  logChange(storeName: string): never {
    throw readOnly(storeName)
  }

  currentStreamTimeMs(): number {
    return -1
  }

  recordDropped(): void {}
}

/** Some layers of an engine, as an engine that takes no writes. */
class ReadOnlyEngine implements StateEngine {
  readonly persistent: boolean
  readonly #engine: StateEngine
  readonly #layers: KeyspaceSource

  constructor(engine: StateEngine, layers: KeyspaceSource) {
    this.persistent = engine.persistent
    this.#engine = engine
    this.#layers = layers
  }

  keyspace(storeName: string) {
    return this.#layers.keyspace(storeName)
  }

  committed(): KeyspaceSource {
    return this.#layers
  }

  commit(): never {
    throw readOnly('')
  }

  discard(): never {
    throw readOnly('')
  }

  lastCommit() {
    return this.#engine.lastCommit()
  }

  wipe(storeName: string): never {
    throw readOnly(storeName)
  }

  openIterators(): number {
    return this.#engine.openIterators()
  }

  memoryBytes(): number {
    return 0
  }

  uncommittedBytes(): number {
    return 0
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function readOnly(storeName: string): InvalidStateStoreError {
  return new InvalidStateStoreError(
    storeName,
    `The view of store '${storeName}' for queries is read-only. Write through a processor.`,
  )
}
