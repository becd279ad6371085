/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string
  /** Zero-based. */
  readonly partition: number
}

/** `topic-partition`, which is also the name of the partition's folder, as in Kafka. */
export function partitionName(topicPartition: TopicPartition): string {
  return `${topicPartition.topic}-${topicPartition.partition}`
}
