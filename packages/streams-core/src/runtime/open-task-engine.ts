import { rmSync } from 'node:fs'
import {
  type ChangelogPosition,
  memoryEngine,
  memoryEngineFrom,
  restoreLevelSnapshot,
  type StateEngine,
  type StoreCommit,
} from '@millrace/state-stores'
import { StreamsConfigError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { StateStore } from '../state/state-store.ts'
import type { Snapshot, SnapshotPart } from './snapshot-directory.ts'
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
  const { taskId, directory, snapshots, logger } = options
  let engine = await options.openPersistent()
  const local = engine.lastCommit()
  const others = local === undefined ? [] : storesOfAnotherTopology(local, stores)
  if (others.length > 0) {
    await engine.close()
    throw new StreamsConfigError(
      'state.dir',
      `${directory} is of another topology: it holds ${quoted(others)}, and the task now has ${quoted(stores.map(({ name }) => name))}. Set another state.dir or application.id; or, if the topology was changed on purpose, remove the directory or call cleanUp(), and give stores names so that they are found again.`,
    )
  }
  if (snapshots.length === 0) return engine
  const reason = local === undefined ? 'there is none' : await whyNot(options, stores, local.changelogOffsets)
  if (reason === undefined) return engine
  for (const snapshot of snapshots) {
    const path = await usablePath(options, 'persistent', stores, snapshot)
    if (path === undefined) continue
    await engine.close()
    rmSync(directory, { recursive: true, force: true })
    let failure: unknown
    try {
      await restoreLevelSnapshot(path, directory)
    } catch (error) {
      failure = error
    }
    // A database that cannot be read is replaced by an empty one here.
    engine = await options.openPersistent()
    if (engine.lastCommit() !== undefined) {
      const message = `Task ${taskId}: snapshot ${snapshot.number} takes the place of local state: ${reason}.`
      if (local === undefined) logger.info(message)
      else logger.warn(message)
      return engine
    }
    logger.warn(`Task ${taskId}: snapshot ${snapshot.number} is skipped: ${path} cannot be read.`, failure)
  }
  return engine
}

async function openMemory(options: OpenTaskEngineOptions, stores: readonly StateStore[]): Promise<StateEngine> {
  const { taskId, snapshots, logger } = options
  for (const snapshot of snapshots) {
    const path = await usablePath(options, 'memory', stores, snapshot)
    if (path === undefined) continue
    try {
      const engine = await memoryEngineFrom(path)
      logger.info(`Task ${taskId}: the stores in memory begin with snapshot ${snapshot.number}.`)
      return engine
    } catch (error) {
      logger.warn(`Task ${taskId}: snapshot ${snapshot.number} is skipped: ${path} cannot be read.`, error)
    }
  }
  return memoryEngine()
}

/** Where the copy of an engine is, if its stores can go on from there. */
async function usablePath(
  options: OpenTaskEngineOptions,
  part: SnapshotPart,
  stores: readonly StateStore[],
  snapshot: Snapshot,
): Promise<string | undefined> {
  const path = snapshot.parts[part]
  if (path === undefined) return undefined
  const reason = await whyNot(options, stores, snapshot.changelogOffsets)
  if (reason === undefined) return path
  options.logger.warn(`Task ${options.taskId}: snapshot ${snapshot.number} is not used: ${reason}.`)
  return undefined
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
