import type {
  ApplicationState,
  AssignmentConfigs,
  ClientState,
  TaskInfo,
} from '../../src/runtime/assignment/task-assignor.ts'

/** A client as a test says it. */
export interface TestClient {
  readonly active?: readonly string[]
  /** Copies with their lags. */
  readonly copies?: { readonly [taskId: string]: number }
  readonly threads?: number
  readonly tags?: { readonly [tag: string]: string }
  readonly cannotRun?: readonly string[]
}

/** Records in the changelogs of each task. */
export const changelogSize = 1_000_000

export function task(id: string, isStateful = true): TaskInfo {
  const [subtopologyId = 0, partition = 0] = id.split('_').map(Number)
  const changelogPartitions = isStateful ? [{ topic: `changelog-${subtopologyId}`, partition }] : []
  const inputPartitions = [{ topic: `input-${subtopologyId}`, partition }]
  return { id, subtopologyId, partition, isStateful, inputPartitions, changelogPartitions }
}

export function application(
  tasks: readonly TaskInfo[],
  clients: { readonly [processId: string]: TestClient },
  configs: Partial<AssignmentConfigs> = {},
): ApplicationState {
  return {
    tasks: new Map(tasks.map((one) => [one.id, one])),
    clients: new Map(Object.entries(clients).map(([processId, client]) => [processId, clientState(processId, client)])),
    configs: {
      numStandbyReplicas: 0,
      maxWarmupReplicas: 2,
      acceptableRecoveryLag: 10_000,
      rackAwareAssignmentTags: [],
      ...configs,
    },
  }
}

function clientState(
  processId: string,
  { active = [], copies = {}, threads = 1, tags = {}, cannotRun = [] }: TestClient,
): ClientState {
  const running = new Set(active)
  return {
    processId,
    threadCount: threads,
    clientTags: new Map(Object.entries(tags)),
    previousActiveTasks: running,
    previousStandbyTasks: new Set(Object.keys(copies)),
    lagOf: (taskId) => (running.has(taskId) ? 0 : (copies[taskId] ?? changelogSize)),
    mayRun: (taskId) => !cannotRun.includes(taskId),
  }
}
