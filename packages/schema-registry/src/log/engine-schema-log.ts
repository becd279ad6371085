import { RecordBatchBuilder, RecordBatchReader } from '@millrace/kafka-protocol'
import { type LogEngine, systemTime } from '@millrace/log-engine'
import { type SchemaLog, type SchemaLogRecord, schemaTopicConfigs } from './schema-log.ts'

/** The log in an engine of the same process. Closing it leaves the engine open. */
export function engineSchemaLog(engine: LogEngine, topic: string): SchemaLog {
  const place = { topic, partition: 0 }
  return {
    async readAll() {
      if (engine.describeTopic(topic) === undefined) {
        engine.createTopic({ name: topic, partitions: 1, configs: schemaTopicConfigs })
      }
      const records: SchemaLogRecord[] = []
      let offset = engine.listOffset(place, 'earliest').offset
      for (;;) {
        const reader = new RecordBatchReader(engine.fetch(place, offset).batches)
        let isAtEnd = true
        while (reader.nextBatch()) {
          isAtEnd = false
          while (!reader.isControl && reader.nextRecord()) {
            if (reader.offset >= offset && reader.key !== null) records.push(textsOf(reader.key, reader.value))
          }
          offset = reader.lastOffset + 1
        }
        if (isAtEnd) return records
      }
    },
    async append(records) {
      const builder = new RecordBatchBuilder()
      const now = systemTime.now()
      for (const { key, value } of records) {
        builder.append(now, Buffer.from(key), value === null ? null : Buffer.from(value))
      }
      engine.append(place, builder.build({}))
      await engine.sync([place])
    },
    async close() {},
  }
}

function textsOf(key: Uint8Array, value: Uint8Array | null): SchemaLogRecord {
  return { key: Buffer.from(key).toString('utf8'), value: value === null ? null : Buffer.from(value).toString('utf8') }
}
