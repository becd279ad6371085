import { type ChangelogPosition, memoryEngine, type StateEngine, type StoreCommit } from '@millrace/state-stores'
import { StreamsConfigError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { StateStore } from '../state/state-store.ts'
import { memoryFromSnapshot, persistentFromSnapshot, type SnapshotChoice } from './engine-from-snapshot.ts'
import type { Snapshot } from './snapshot-directory.ts'
import { taskEngine } from './task-engine.ts'

/** What {@link openTaskEngine} needs to know of a task. */
export interface OpenTaskEngineOptions {
  readonly taskId: string
  readonly stores: readonly StateStore[]
  /** Names of the stores that have a changelog. */
  readonly logged: ReadonlySet<string>
  /** Where the task's persistent stores are. */
  readonly directory: string
  /** Opens what is in the directory. */
  readonly openPersistent: () => Promise<StateEngine>
  /** Newest first; none when snapshots are not configured. */
  readonly snapshots: readonly Snapshot[]
  /** Why stores cannot go on from positions in their changelogs; undefined: they can. */
  readonly whyUnusable: (
    storeNames: readonly string[],
    positions: ReadonlyMap<string, ChangelogPosition>,
  ) => Promise<string | undefined>
  readonly logger: Logger
}

/**
 * Opens the engine of a task: local state where it is valid, else the newest valid snapshot, else nothing (the changelogs give
 * it all). Stores in memory have no local state, and always begin with a snapshot if there is one.
 * @throws StreamsConfigError when the directory holds none but stores that the task does not have
 */
export async function openTaskEngine(options: OpenTaskEngineOptions): Promise<StateEngine> {
  const { stores } = options
  const persistentStores = stores.filter((store) => store.persistent)
  const memoryStores = stores.filter((store) => !store.persistent)
  const persistent = persistentStores.length === 0 ? undefined : await openPersistent(options, persistentStores)
  const memory = memoryStores.length === 0 ? undefined : await openMemory(options, memoryStores)
  if (persistent !== undefined && memory?.lastCommit() !== undefined) {
    if (!sameInputs(persistent.lastCommit(), memory.lastCommit())) {
      for (const { name } of memoryStores) if (!options.logged.has(name)) await memory.wipe(name)
    }
  }
  return taskEngine(persistent, memory, stores)
}

async function openPersistent(options: OpenTaskEngineOptions, stores: readonly StateStore[]): Promise<StateEngine> {
  const { directory, snapshots, logger } = options
  const opened = await options.openPersistent()
  const local = opened.lastCommit()
  const others = local === undefined ? [] : storesOfAnotherTopology(local, stores)
  if (others.length > 0) {
    await opened.close()
    throw new StreamsConfigError(
      'state.dir',
      `${directory} is of another topology: it holds ${quoted(others)}, and the task now has ${quoted(stores.map(({ name }) => name))}. Set another state.dir or application.id; or, if the topology was changed on purpose, remove the directory or call cleanUp(), and give stores names so that they are found again.`,
    )
  }
  if (snapshots.length === 0) return opened
  const reason = local === undefined ? 'there is none' : await whyNot(options, stores, local.changelogOffsets)
  if (reason === undefined) return opened
  const choice = choiceFor(options, stores)
  const { engine, snapshot } = await persistentFromSnapshot(choice, directory, opened, options.openPersistent)
  if (snapshot !== undefined) {
    const message = `${choice.whose}: snapshot ${snapshot.number} takes the place of local state: ${reason}.`
    if (local === undefined) logger.info(message)
    else logger.warn(message)
  }
  return engine
}

async function openMemory(options: OpenTaskEngineOptions, stores: readonly StateStore[]): Promise<StateEngine> {
  const choice = choiceFor(options, stores)
  const found = await memoryFromSnapshot(choice)
  if (found === undefined) return memoryEngine()
  options.logger.info(`${choice.whose}: the stores in memory begin with snapshot ${found.snapshot.number}.`)
  return found.engine
}

function choiceFor(options: OpenTaskEngineOptions, stores: readonly StateStore[]): SnapshotChoice {
  const { taskId, snapshots, logger } = options
  return { whose: `Task ${taskId}`, snapshots, whyNot: (positions) => whyNot(options, stores, positions), logger }
}

function whyNot(
  { logged, whyUnusable }: OpenTaskEngineOptions,
  stores: readonly StateStore[],
  positions: ReadonlyMap<string, ChangelogPosition>,
): Promise<string | undefined> {
  const names = stores.map(({ name }) => name).filter((name) => logged.has(name))
  return whyUnusable(names, positions)
}

/** The stores in local state, if none of them is a store of the task any more. */
function storesOfAnotherTopology(local: StoreCommit, stores: readonly StateStore[]): readonly string[] {
  const found = [...local.changelogOffsets.keys()]
  return found.some((name) => stores.some((store) => store.name === name)) ? [] : found
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}

function sameInputs(a: StoreCommit | undefined, b: StoreCommit | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  if (a.inputOffsets.size !== b.inputOffsets.size) return false
  for (const [input, offset] of a.inputOffsets) if (b.inputOffsets.get(input) !== offset) return false
  return true
}
