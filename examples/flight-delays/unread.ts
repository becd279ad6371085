import { ClientError, type KafkaClientSupplier } from 'millrace'

/**
 * How many committed records of these topics the group has not processed; of topics that do not exist, none.
 * Undefined while the group's offsets are in a transaction that is still open.
 */
export async function unreadRecords(
  clients: KafkaClientSupplier,
  groupId: string,
  topics: readonly string[],
): Promise<number | undefined> {
  const admin = clients.admin()
  const group = clients.consumer({ groupId, clientId: groupId, isolation: 'read_committed' })
  const reader = clients.restoreConsumer({ clientId: `${groupId}-unread`, isolation: 'read_committed' })
  try {
    const partitions = [...(await admin.describeTopics(topics)).values()].flatMap(({ name, partitions: count }) =>
      Array.from({ length: count }, (_, partition) => ({ topic: name, partition })),
    )
    const ends = await admin.endOffsets(partitions, 'read_committed')
    const committed = await group.committed(partitions)
    // Behind the committed offset there may be no record any more, only the marks of transactions: reading tells.
    const open = partitions.filter((partition) => (committed.get(partition)?.offset ?? 0) < ends.get(partition)!)
    reader.assign(open)
    reader.seekToBeginning(open)
    for (const partition of open) {
      const offset = committed.get(partition)?.offset
      if (offset !== undefined) reader.seek(partition, offset)
    }
    let count = 0
    while (open.some((partition) => reader.position(partition) < ends.get(partition)!)) {
      for (const { records } of await reader.poll(0)) count += records.length
    }
    return count
  } catch (error) {
    if (error instanceof ClientError && error.code === 'UNSTABLE_OFFSET_COMMIT') return undefined
    throw error
  } finally {
    await Promise.all([admin.close(), group.close(), reader.close()])
  }
}
