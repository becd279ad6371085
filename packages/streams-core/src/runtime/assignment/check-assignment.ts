import { IllegalStateError } from '../../errors.ts'
import type { ApplicationState, TaskAssignment } from './task-assignor.ts'

/**
 * Checks what an assignor has given: every task that somebody may run has one owner, a copy is not with its owner, and nothing is
 * named that there is not.
 * @throws IllegalStateError
 * @see org.apache.kafka.streams.processor.assignment.TaskAssignor.AssignmentError
 */
export function checkAssignment(application: ApplicationState, { clients }: TaskAssignment): void {
  const owners = new Map<string, string>()
  for (const [processId, { activeTasks, standbyTasks }] of clients) {
    if (!application.clients.has(processId)) throw wrong(`there is no instance with process id '${processId}'`)
    for (const taskId of [...activeTasks, ...standbyTasks]) {
      if (!application.tasks.has(taskId)) throw wrong(`there is no task ${taskId}`)
    }
    for (const taskId of activeTasks) {
      const other = owners.get(taskId)
      if (other !== undefined) throw wrong(`task ${taskId} is active at '${other}' and at '${processId}'`)
      owners.set(taskId, processId)
    }
    for (const taskId of standbyTasks) {
      if (activeTasks.includes(taskId)) throw wrong(`'${processId}' has task ${taskId} as active and as standby task`)
      if (!application.tasks.get(taskId)!.isStateful) throw wrong(`task ${taskId} has no state to be copied`)
    }
  }
  const everybody = [...application.clients.values()]
  for (const taskId of application.tasks.keys()) {
    if (!owners.has(taskId) && everybody.some((client) => client.mayRun(taskId)))
      throw wrong(`nobody has task ${taskId}`)
  }
}

function wrong(what: string): IllegalStateError {
  return new IllegalStateError(`The assignor (task.assignor.class) has given an assignment that cannot be: ${what}.`)
}
