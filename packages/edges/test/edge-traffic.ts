import type { Consumer, KafkaClientSupplier, Producer } from '@millrace/streams-core'

/** Clients that note what the edges of an application, one that writes and one that reads, do with a partition each. */
export class EdgeTraffic {
  readonly clients: KafkaClientSupplier
  /** The most records that were sent and not acknowledged. */
  mostInFlight = 0
  /** Polls that gave records. */
  polls = 0
  /** Records of all polls but the last one. */
  polledBefore = 0
  #polled = 0
  #sent = 0
  #acknowledged = 0
  #wanted = Number.POSITIVE_INFINITY
  #onWanted = () => {}

  constructor(clients: KafkaClientSupplier) {
    this.clients = {
      ...clients,
      producer: (options) => {
        const producer = clients.producer(options)
        return options.clientId.includes('-edge-') ? this.#noting(producer) : producer
      },
      restoreConsumer: (options) => {
        const consumer = clients.restoreConsumer(options)
        return options.clientId.includes('-edge-') ? this.#counting(consumer) : consumer
      },
    }
  }

  /** Resolves when so many records are acknowledged. */
  async whenAcknowledged(count: number): Promise<void> {
    if (this.#acknowledged >= count) return
    this.#wanted = count
    await new Promise<void>((resolve) => {
      this.#onWanted = resolve
    })
  }

  #noting(producer: Producer): Producer {
    const { send, setListener } = producer
    producer.send = (...record) => {
      send.apply(producer, record)
      this.#sent += 1
      this.mostInFlight = Math.max(this.mostInFlight, this.#sent - this.#acknowledged)
    }
    producer.setListener = (listener) =>
      setListener.call(producer, {
        ...listener,
        // The edge alone writes the one partition.
        onAcknowledged: (topic, partition, lastOffset, leaderEpoch) => {
          this.#acknowledged = lastOffset + 1
          if (this.#acknowledged >= this.#wanted) this.#onWanted()
          listener.onAcknowledged(topic, partition, lastOffset, leaderEpoch)
        },
      })
    return producer
  }

  #counting(consumer: Consumer): Consumer {
    const { poll } = consumer
    consumer.poll = async (timeoutMs) => {
      const polled = await poll.call(consumer, timeoutMs)
      const count = polled.reduce((sum, { records }) => sum + records.length, 0)
      if (count > 0) {
        this.polls += 1
        this.polledBefore = this.#polled
        this.#polled += count
      }
      return polled
    }
    return consumer
  }
}
