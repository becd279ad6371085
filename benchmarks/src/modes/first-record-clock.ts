import type { KafkaClientSupplier } from 'millrace'
import { cpuSecondsSince } from './process-usage.ts'

/** Clients that note when a consumer of the application first gives records. */
export class FirstRecordClock {
  readonly clients: KafkaClientSupplier
  firstRecordAt = 0
  #cpu: NodeJS.CpuUsage = process.cpuUsage()

  constructor(clients: KafkaClientSupplier) {
    this.clients = {
      ...clients,
      consumer: (options) => {
        const consumer = clients.consumer(options)
        const poll = consumer.poll.bind(consumer)
        consumer.poll = async (timeoutMs) => {
          const polled = await poll(timeoutMs)
          if (this.firstRecordAt === 0 && polled.some(({ records }) => records.length > 0)) this.#start()
          return polled
        }
        return consumer
      },
    }
  }

  /** Of this process, since then. */
  cpuSeconds(): number {
    return cpuSecondsSince(this.#cpu)
  }

  #start(): void {
    this.firstRecordAt = performance.now()
    this.#cpu = process.cpuUsage()
  }
}
