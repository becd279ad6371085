import { Admin, Cluster, type ClusterOptions, Fetcher, KafkaClientError, Producer } from '@millrace/kafka-client'
import { type SchemaLog, type SchemaLogRecord, schemaTopicConfigs } from './schema-log.ts'

/** The log in a topic of any Kafka. */
export function kafkaSchemaLog(options: ClusterOptions, topic: string): SchemaLog {
  const cluster = new Cluster(options)
  const producer = new Producer(cluster)
  const place = { topic, partition: 0 }
  return {
    async readAll() {
      const admin = new Admin(cluster)
      try {
        await admin.createTopic({ name: topic, partitions: 1, configs: schemaTopicConfigs })
      } catch (error) {
        if (!(error instanceof KafkaClientError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error
      }
      const end = (await admin.listOffsets([place], 'latest'))[0]!.offset
      const fetcher = new Fetcher(cluster)
      const records: SchemaLogRecord[] = []
      let offset = (await admin.listOffsets([place], 'earliest'))[0]!.offset
      while (offset < end) {
        for (const fetched of await fetcher.fetch([{ ...place, offset }])) {
          for (const { key, value } of fetched.records) {
            if (key !== null) records.push({ key: textOf(key), value: value === null ? null : textOf(value) })
          }
          offset = fetched.nextOffset
        }
      }
      return records
    },
    async append(records) {
      // Records that are given in one go travel in one batch.
      await Promise.all(
        records.map(({ key, value }) =>
          producer.send({ ...place, key: Buffer.from(key), value: value === null ? null : Buffer.from(value) }),
        ),
      )
    },
    async close() {
      await producer.flush()
      await cluster.close()
    },
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
