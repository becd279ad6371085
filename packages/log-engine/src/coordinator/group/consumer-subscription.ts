import { RecordReader } from '../record-bytes.ts'

/**
 * The topics that a consumer's subscription names; undefined when the bytes are not a subscription.
 *
 *   | version int16 | topics: count int32, each | name string | | … fields of later versions |
 *
 * @see org.apache.kafka.clients.consumer.internals.ConsumerProtocol
 */
export function subscribedTopics(subscription: Uint8Array): readonly string[] | undefined {
  try {
    const reader = new RecordReader(subscription)
    if (reader.int16() < 0) return undefined
    const topics: string[] = []
    for (let count = reader.int32(); count > 0; count--) topics.push(reader.string())
    return topics
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
