/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string
  /** Zero-based. */
  readonly partition: number
}

/** Partitions by topic, in the order of their first appearance. */
export function byTopic<T extends TopicPartition>(partitions: readonly T[]): Map<string, T[]> {
  const topics = new Map<string, T[]>()
  for (const one of partitions) {
    const own = topics.get(one.topic)
    if (own === undefined) topics.set(one.topic, [one])
    else own.push(one)
  }
  return topics
}
