import type { LogEngine } from '@millrace/log-engine'
import type { ConsumerRecord } from '../../src/clients/consumer.ts'
import { decodeFetch } from '../../src/clients/record-decoder.ts'

/** All committed records of a partition. */
export function readPartition(engine: LogEngine, topic: string, partition: number): ConsumerRecord[] {
  const found: ConsumerRecord[] = []
  for (let position = engine.listOffset({ topic, partition }, 'earliest').offset; ; ) {
    const fetched = engine.fetch({ topic, partition }, position, { isolation: 'read_committed' })
    const { records, nextOffset } = decodeFetch(fetched, position)
    found.push(...records)
    if (nextOffset === position) return found
    position = nextOffset
  }
}

/** All committed records of a topic, partition by partition. */
export function readTopic(engine: LogEngine, topic: string): ConsumerRecord[] {
  const { partitions } = engine.describeTopic(topic)!
  return Array.from({ length: partitions }, (_, partition) => readPartition(engine, topic, partition)).flat()
}
