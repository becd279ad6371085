import { type ChangelogPosition, memoryEngine, type StateEngine } from '@millrace/state-stores'
import type { Logger } from '../logger.ts'
import type { StateStore } from '../state/state-store.ts'
import { memoryFromSnapshot, persistentFromSnapshot, type SnapshotChoice } from './engine-from-snapshot.ts'
import type { Snapshot } from './snapshot-directory.ts'
import { taskEngine } from './task-engine.ts'

/** Where global stores stand, by `topic-partition`. */
export type GlobalPositions = ReadonlyMap<string, ChangelogPosition>

/** What {@link openGlobalEngine} needs to know. */
export interface OpenGlobalEngineOptions {
  readonly stores: readonly StateStore[]
  /** Where the persistent stores are. */
  readonly directory: string
  /** Opens what is in the directory. */
  readonly openPersistent: () => Promise<StateEngine>
  /** Newest first; none when snapshots are not configured. */
  readonly snapshots: readonly Snapshot[]
  /** Why stores cannot go on from these positions; undefined: they can. */
  readonly whyUnusable: (positions: GlobalPositions) => Promise<string | undefined>
  readonly logger: Logger
}

/** An engine of global stores, and the positions of its two kinds of stores. */
export interface GlobalEngine {
  readonly engine: StateEngine
  readonly persistent: GlobalPositions
  readonly memory: GlobalPositions
}

const none: GlobalPositions = new Map()

/**
 * Opens the engine of the global stores: persistent ones with local state where it is valid, else as the newest valid snapshot has
 * them, else empty; those in memory with a snapshot, or empty.
 */
export async function openGlobalEngine(options: OpenGlobalEngineOptions): Promise<GlobalEngine> {
  const { stores } = options
  const hasPersistent = stores.some((store) => store.persistent)
  const hasMemory = stores.some((store) => !store.persistent)
  const persistent = hasPersistent ? await openPersistent(options) : undefined
  const memory = hasMemory ? await openMemory(options) : undefined
  return {
    engine: taskEngine(persistent, memory?.engine, stores),
    persistent: persistent?.lastCommit()?.changelogOffsets ?? none,
    memory: memory?.positions ?? none,
  }
}

async function openPersistent(options: OpenGlobalEngineOptions): Promise<StateEngine> {
  const { directory, snapshots, whyUnusable } = options
  const opened = await options.openPersistent()
  if (snapshots.length === 0) return opened
  const local = opened.lastCommit()
  const reason = local === undefined ? 'there is none' : await whyUnusable(local.changelogOffsets)
  if (reason === undefined) return opened
  const choice = choiceFor(options)
  const { engine, snapshot } = await persistentFromSnapshot(choice, directory, opened, options.openPersistent)
  if (snapshot !== undefined) {
    options.logger.info(`${choice.whose}: snapshot ${snapshot.number} takes the place of local state: ${reason}.`)
  }
  return engine
}

async function openMemory(
  options: OpenGlobalEngineOptions,
): Promise<{ readonly engine: StateEngine; readonly positions: GlobalPositions }> {
  const choice = choiceFor(options)
  const found = await memoryFromSnapshot(choice)
  if (found === undefined) return { engine: memoryEngine(), positions: none }
  options.logger.info(`${choice.whose}: those in memory begin with snapshot ${found.snapshot.number}.`)
  return { engine: found.engine, positions: found.snapshot.changelogOffsets }
}

function choiceFor({ snapshots, whyUnusable, logger }: OpenGlobalEngineOptions): SnapshotChoice {
  return { whose: 'Global stores', snapshots, whyNot: whyUnusable, logger }
}
