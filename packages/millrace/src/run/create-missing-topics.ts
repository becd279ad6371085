import { ClientError, type KafkaClientSupplier } from '@millrace/streams-core'

/** A topic that an application needs. */
export interface TopicToCreate {
  readonly name: string
  /** Default 1. */
  readonly partitions?: number
  /** Kafka's topic configs by name. */
  readonly configs?: Readonly<{ [key: string]: string }>
}

/** Creates those of the topics that do not exist; what exists is left as it is. */
export async function createMissingTopics(
  clients: KafkaClientSupplier,
  topics: readonly TopicToCreate[],
): Promise<void> {
  if (topics.length === 0) return
  const admin = clients.admin()
  try {
    const existing = await admin.describeTopics(topics.map(({ name }) => name))
    for (const { name, partitions = 1, configs = {} } of topics) {
      if (existing.has(name)) continue
      try {
        await admin.createTopics([{ name, partitions, configs }])
      } catch (error) {
        // Another worker was faster.
        if (!(error instanceof ClientError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error
      }
    }
  } finally {
    await admin.close()
  }
}
