import { Headers } from '@millrace/serdes'
import type { ErrorHandlerContext } from '../exception-handlers.ts'
import type { TaskContext } from './task-context.ts'

/** What handlers are told about the record in process. */
export function errorHandlerContext(task: TaskContext, processorNodeId: string): ErrorHandlerContext {
  const current = task.current
  return {
    topic: current?.topic,
    partition: current?.partition ?? -1,
    offset: current?.offset ?? -1,
    headers: current?.headers ?? Headers.empty,
    processorNodeId,
    taskId: task.taskId,
    timestamp: current?.timestamp ?? -1,
    sourceRawKey: current?.rawKey ?? null,
    sourceRawValue: current?.rawValue ?? null,
  }
}
