import { ClientError, type KafkaClientSupplier } from 'millrace'

/** Is there a committed record in these topics that the group has not processed? Topics that do not exist have none. */
export async function hasUnread(
  clients: KafkaClientSupplier,
  groupId: string,
  topics: readonly string[],
): Promise<boolean> {
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
    while (open.some((partition) => reader.position(partition) < ends.get(partition)!)) {
      if ((await reader.poll(0)).some(({ records }) => records.length > 0)) return true
    }
    return false
  } catch (error) {
    // Offsets in a transaction that is still open: it is at work.
    if (error instanceof ClientError && error.code === 'UNSTABLE_OFFSET_COMMIT') return true
    throw error
  } finally {
    await Promise.all([admin.close(), group.close(), reader.close()])
  }
}
