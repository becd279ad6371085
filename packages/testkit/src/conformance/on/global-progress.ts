import type { Consumer, KafkaClientSupplier, TopicPartition } from '@millrace/streams-core'

/** How far the global thread of an application has applied its topics: what was polled is applied when the next poll begins. */
export class GlobalProgress {
  readonly #applied = new Map<string, number>()

  /** The next offset of the topic's only partition that is not applied yet; 0 before the first poll. */
  applied(topic: string): number {
    return this.#applied.get(topic) ?? 0
  }

  /** Clients whose global consumer is watched. */
  watching(clients: KafkaClientSupplier): KafkaClientSupplier {
    return {
      ...clients,
      restoreConsumer: (options) => {
        const consumer = clients.restoreConsumer(options)
        return options.clientId.endsWith('-global-consumer') ? this.#watched(consumer) : consumer
      },
    }
  }

  #watched(consumer: Consumer): Consumer {
    let assigned: readonly TopicPartition[] = []
    const assign = consumer.assign.bind(consumer)
    consumer.assign = (partitions) => {
      assigned = partitions
      assign(partitions)
    }
    const poll = consumer.poll.bind(consumer)
    consumer.poll = (timeoutMs) => {
      for (const partition of assigned) this.#applied.set(partition.topic, consumer.position(partition))
      return poll(timeoutMs)
    }
    return consumer
  }
}
