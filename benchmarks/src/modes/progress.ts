import { ClientError, type KafkaClientSupplier, type TopicPartition } from 'millrace'

/** What an application has to read to the end. */
export interface Work {
  readonly inputs: readonly TopicPartition[]
  /** Records that the inputs hold together. */
  readonly inputCount: number
  readonly repartition: readonly TopicPartition[]
  /** Under exactly-once: the last offset of a repartition partition is then a mark of a transaction. */
  readonly marksTransactions: boolean
}

/** Whether the committed offsets of inputs and repartition topics have reached their ends. */
export class Progress {
  readonly #admin: ReturnType<KafkaClientSupplier['admin']>
  readonly #group: ReturnType<KafkaClientSupplier['consumer']>
  readonly #work: Work
  #inputEnds: ReadonlyMap<TopicPartition, number> | undefined

  constructor(clients: KafkaClientSupplier, application: string, work: Work) {
    this.#admin = clients.admin()
    this.#group = clients.consumer({ groupId: application, clientId: 'progress', isolation: 'read_committed' })
    this.#work = work
  }

  /** @throws Error when the inputs do not hold what they should */
  async isFinished(): Promise<boolean> {
    const { inputs, repartition, marksTransactions } = this.#work
    this.#inputEnds ??= await this.#ends()
    if (!(await this.#reached(inputs, this.#inputEnds, 0))) return false
    if (repartition.length === 0) return true
    const ends = await this.#admin.endOffsets(repartition, 'read_uncommitted')
    return await this.#reached(repartition, ends, marksTransactions ? 1 : 0)
  }

  /** Input records that are committed; undefined while offsets are in a transaction that is still open. */
  async committedCount(): Promise<number | undefined> {
    const committed = await this.#committed(this.#work.inputs)
    return committed && [...committed.values()].reduce((sum, { offset }) => sum + offset, 0)
  }

  async close(): Promise<void> {
    await Promise.all([this.#admin.close(), this.#group.close()])
  }

  async #ends(): Promise<ReadonlyMap<TopicPartition, number>> {
    const { inputs, inputCount } = this.#work
    const ends = await this.#admin.endOffsets(inputs, 'read_uncommitted')
    const held = [...ends.values()].reduce((sum, end) => sum + end, 0)
    if (held === inputCount) return ends
    throw new Error(`The inputs hold ${held} records instead of ${inputCount}: nothing can be measured with them.`)
  }

  async #reached(
    partitions: readonly TopicPartition[],
    ends: ReadonlyMap<TopicPartition, number>,
    slack: number,
  ): Promise<boolean> {
    const committed = await this.#committed(partitions)
    return (
      committed !== undefined &&
      partitions.every((each) => (committed.get(each)?.offset ?? 0) >= ends.get(each)! - slack)
    )
  }

  async #committed(partitions: readonly TopicPartition[]) {
    try {
      return await this.#group.committed(partitions)
    } catch (error) {
      // The offsets are in a transaction that is still open.
      if (error instanceof ClientError && error.code === 'UNSTABLE_OFFSET_COMMIT') return undefined
      throw error
    }
  }
}
