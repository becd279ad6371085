import type { Admin } from '../../clients/admin.ts'
import type { TaskInfo } from './task-assignor.ts'

/** The sums of the ends of the changelogs of tasks, by task id. @throws ClientError */
export async function changelogSizes(admin: Admin, tasks: Iterable<TaskInfo>): Promise<ReadonlyMap<string, number>> {
  const stateful = [...tasks].filter(({ changelogPartitions }) => changelogPartitions.length > 0)
  const partitions = stateful.flatMap(({ changelogPartitions }) => changelogPartitions)
  if (partitions.length === 0) return new Map()
  const ends = await admin.endOffsets(partitions, 'read_uncommitted')
  return new Map(
    stateful.map(({ id, changelogPartitions }) => [
      id,
      changelogPartitions.reduce((sum, partition) => sum + (ends.get(partition) ?? 0), 0),
    ]),
  )
}
