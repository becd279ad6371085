import type { TopicPartition } from './consumer.ts'

/** `topic-partition`, as messages and tables name a partition. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
