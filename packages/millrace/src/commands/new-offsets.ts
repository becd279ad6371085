import { Admin, type Cluster, type FetchPosition, GroupAdmin, type TopicPartition } from '@millrace/kafka-client'
import { offsetSpecOf } from './offset-spec.ts'

/**
 * Where a group would go on in each partition: `earliest`, `latest`, `current`, an offset, `+N` or `-N` from the committed
 * offset, or a time. What lies outside of a partition becomes its nearest end.
 * @throws UsageError for another text
 */
export async function newOffsets(
  groupId: string,
  partitions: readonly TopicPartition[],
  place: string,
  cluster: Cluster,
): Promise<FetchPosition[]> {
  if (partitions.length === 0) return []
  const admin = new Admin(cluster)
  const starts = await offsetsByName(admin.listOffsets(partitions, 'earliest'))
  const ends = await offsetsByName(admin.listOffsets(partitions, 'latest'))
  const wanted = await wantedOffsets(groupId, partitions, place, cluster)
  return partitions.map((one) => {
    const { topic, partition } = one
    const start = starts.get(nameOf(one)) ?? 0
    const end = ends.get(nameOf(one)) ?? 0
    // Nothing committed: from the beginning; no record late enough: from the end on.
    const offset = wanted.get(nameOf(one)) ?? end
    return { topic, partition, offset: Math.min(Math.max(offset, start), end) }
  })
}

async function wantedOffsets(
  groupId: string,
  partitions: readonly TopicPartition[],
  place: string,
  cluster: Cluster,
): Promise<Map<string, number>> {
  const shift = place === 'current' ? 0 : /^[+-]\d+$/.test(place) ? Number(place) : undefined
  if (shift !== undefined) {
    const committed = await new GroupAdmin(cluster).committedOffsets(groupId, partitions)
    return new Map(committed.map((one) => [nameOf(one), Math.max(one.offset, 0) + shift]))
  }
  // Offsets are small numbers, times in Unix ms are not.
  if (/^\d{1,11}$/.test(place)) return new Map(partitions.map((one) => [nameOf(one), Number(place)]))
  const listed = await new Admin(cluster).listOffsets(partitions, offsetSpecOf(place))
  return new Map(listed.filter(({ offset }) => offset >= 0).map((one) => [nameOf(one), one.offset]))
}

async function offsetsByName(listing: Promise<readonly FetchPosition[]>): Promise<Map<string, number>> {
  return new Map((await listing).map((one) => [nameOf(one), one.offset]))
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
