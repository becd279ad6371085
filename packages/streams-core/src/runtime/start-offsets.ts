import type { Admin } from '../clients/admin.ts'
import type { Consumer, OffsetAndMetadata, TopicPartition } from '../clients/consumer.ts'
import { IllegalStateError } from '../errors.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import type { OffsetResetPolicy } from '../topology/processor-topology.ts'
import { matchesWhole } from './node-graph.ts'
import type { TaskPlan } from './partition-plan.ts'
import { retryUntilTaskTimeout } from './task-timeout.ts'

/** Where tasks begin to read. */
export class StartOffsets {
  readonly #consumer: Consumer
  readonly #admin: Admin
  readonly #config: StreamsConfig
  readonly #time: Time

  constructor(options: {
    readonly consumer: Consumer
    readonly admin: Admin
    readonly config: StreamsConfig
    readonly time: Time
  }) {
    this.#consumer = options.consumer
    this.#admin = options.admin
    this.#config = options.config
    this.#time = options.time
  }

  /** Waits while an open transaction of a former owner holds newer offsets. @throws TimeoutError */
  committed(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, OffsetAndMetadata>> {
    return retryUntilTaskTimeout(this.#config, this.#time, 'The committed offsets cannot be read', () =>
      this.#consumer.committed(partitions),
    )
  }

  /**
   * Where to begin in an input by its reset policy; `why` says what is wrong with its position.
   * @throws IllegalStateError for `none`
   */
  async reset(plan: TaskPlan, input: TopicPartition, why = 'has no committed offset'): Promise<number> {
    const policy = resetPolicyOf(plan, input.topic) ?? this.#config.autoOffsetReset
    if (policy === 'none') {
      throw new IllegalStateError(
        `Partition ${input.topic}-${input.partition} ${why}, and its reset policy is 'none'. Commit an offset for group '${this.#config.applicationId}', or choose another policy.`,
        { taskId: plan.id },
      )
    }
    if (policy === 'earliest') return (await this.#admin.earliestOffsets([input])).get(input)!
    if (policy === 'latest') return (await this.#admin.endOffsets([input], 'read_uncommitted')).get(input)!
    return (await this.#admin.offsetsForTime([input], this.#time.now() - policy.byDurationMs)).get(input)!
  }
}

function resetPolicyOf(plan: TaskPlan, topic: string): OffsetResetPolicy | undefined {
  for (const node of plan.subtopology.topology.nodes) {
    if (node.kind !== 'source') continue
    if (node.topics.includes(topic)) return node.offsetResetPolicy
    if (node.pattern !== undefined && matchesWhole(node.pattern, topic)) return node.offsetResetPolicy
  }
  return undefined
}
