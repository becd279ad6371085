/** Kafka's numbers of the resources that have configs. */
export const resourceTypes = { topic: 2, broker: 4 } as const
