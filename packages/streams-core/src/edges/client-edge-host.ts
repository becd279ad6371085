import type { Admin } from '../clients/admin.ts'
import type { KafkaClientSupplier } from '../clients/client-supplier.ts'
import { IllegalStateError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import { ClientEdgeReader } from './client-edge-reader.ts'
import { ClientEdgeWriter } from './client-edge-writer.ts'
import type { EdgeHost, EdgeListener, EdgeReader, EdgeStart, EdgeWriter } from './topology-edge.ts'

/** Edges over the clients of an application. */
export class ClientEdgeHost implements EdgeHost {
  readonly logger: Logger
  readonly time: Time
  readonly #config: StreamsConfig
  readonly #clients: KafkaClientSupplier
  #edges = 0

  constructor(config: StreamsConfig, clients: KafkaClientSupplier, time: Time) {
    this.logger = config.logger
    this.time = time
    this.#config = config
    this.#clients = clients
  }

  async openWriter(topic: string): Promise<EdgeWriter> {
    const partitions = await this.#withAdmin((admin) => partitionsOf(admin, topic))
    const producer = this.#clients.producer({
      clientId: this.#newClientId('producer'),
      transactionalId: undefined,
      transactionTimeoutMs: this.#config.transactionTimeoutMs,
    })
    return new ClientEdgeWriter(topic, partitions, producer, this.time)
  }

  async openReader(topic: string, from: EdgeStart, listener: EdgeListener): Promise<EdgeReader> {
    const isolation =
      this.#config.processingGuarantee === 'exactly_once_v2' ? 'read_committed' : ('read_uncommitted' as const)
    const starts = await this.#withAdmin(async (admin) => {
      const count = await partitionsOf(admin, topic)
      const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }))
      return from === 'earliest' ? admin.earliestOffsets(partitions) : admin.endOffsets(partitions, isolation)
    })
    const consumer = this.#clients.restoreConsumer({ clientId: this.#newClientId('consumer'), isolation })
    consumer.assign([...starts.keys()])
    for (const [partition, offset] of starts) consumer.seek(partition, offset)
    const endOffsets = () => this.#withAdmin((admin) => admin.endOffsets([...starts.keys()], isolation))
    return new ClientEdgeReader(consumer, endOffsets, listener)
  }

  #newClientId(kind: string): string {
    this.#edges += 1
    return `${this.#config.clientId || this.#config.applicationId}-edge-${this.#edges}-${kind}`
  }

  async #withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#clients.admin()
    try {
      return await use(admin)
    } finally {
      await admin.close()
    }
  }
}

async function partitionsOf(admin: Admin, topic: string): Promise<number> {
  const found = (await admin.describeTopics([topic])).get(topic)
  if (found !== undefined) return found.partitions
  throw new IllegalStateError(`Topic '${topic}' of an edge does not exist. Create it before the application starts.`)
}
