import { rmSync } from 'node:fs'
import { levelEngine, type StateEngine, StoreCorruptError } from '@millrace/state-stores'
import type { Logger } from '../logger.ts'
import type { StateEngineFactory } from './task-manager.ts'

/** LevelDB engines, one per task. A database that cannot be read is removed: its stores are restored from their changelogs. */
export function persistentEngines(logger: Logger): StateEngineFactory {
  return async (directory, { applicationId, taskId }): Promise<StateEngine> => {
    const options = { identity: { applicationId, taskId } }
    try {
      return await levelEngine(directory, options)
    } catch (error) {
      if (!(error instanceof StoreCorruptError)) throw error
      logger.warn(`Task ${taskId}: the local state in ${directory} is removed and restored from the changelogs.`, error)
      rmSync(directory, { recursive: true, force: true })
      return levelEngine(directory, options)
    }
  }
}
