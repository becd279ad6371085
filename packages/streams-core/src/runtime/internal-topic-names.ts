/**
 * Whether a topic is one that an application made for itself, by its name alone: a changelog, a repartition topic, or one of a
 * foreign-key join. @see org.apache.kafka.tools.StreamsResetter#matchesInternalTopicFormat
 */
export function isInternalTopicOf(applicationId: string, name: string): boolean {
  if (!name.startsWith(`${applicationId}-`)) return false
  return (
    /-(changelog|repartition|subscription-registration-topic|subscription-response-topic)$/.test(name) ||
    /-KTABLE-FK-JOIN-SUBSCRIPTION-(REGISTRATION|RESPONSE)-\d+-topic$/.test(name)
  )
}
