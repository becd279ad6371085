import { placeSticky } from './sticky-placement.ts'

/** A thread of an instance: a member of the group. */
export interface ThreadState {
  readonly memberId: string
  /** Tasks that it had until now, active or standby. */
  readonly previousTasks: ReadonlySet<string>
  mayRun(taskId: string): boolean
}

/** Tasks of one instance, by the member id of the thread that has each. */
export type ThreadAssignments = ReadonlyMap<string, { readonly active: string[]; readonly standby: string[] }>

/** Spreads what an instance is given over its threads: tasks stay with their threads as far as the balance allows. */
export function assignThreads(
  threads: readonly ThreadState[],
  activeTasks: readonly string[],
  standbyTasks: readonly string[],
): ThreadAssignments {
  const hosts = [...threads].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
  const assignments = new Map(
    hosts.map(({ memberId }) => [memberId, { active: [] as string[], standby: [] as string[] }]),
  )
  const spread = (tasks: readonly string[], kind: 'active' | 'standby'): void => {
    const placed = placeSticky<string, ThreadState>({
      tasks,
      hosts,
      capacityOf: () => 1,
      loadOf: ({ memberId }) => assignments.get(memberId)!.active.length,
      mayHost: (thread, taskId) => thread.mayRun(taskId),
      costOf: ({ previousTasks }, taskId) => (previousTasks.has(taskId) ? 0 : undefined),
      identityOf: (taskId) => taskId,
      groupOf: (taskId) => taskId.slice(0, taskId.indexOf('_')),
    })
    for (const [taskId, { memberId }] of placed) assignments.get(memberId)![kind].push(taskId)
  }
  spread(activeTasks, 'active')
  spread(standbyTasks, 'standby')
  return assignments
}
