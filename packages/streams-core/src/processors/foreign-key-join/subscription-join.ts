import type { Processor, ProcessorContext, ProcessorSupplier } from '../processor.ts'
import type { Record } from '../record.ts'
import type { ValueGetter, ValueGetterSupplier } from '../value-getter.ts'
import type { CombinedKey } from './combined-key.ts'
import type { SubscriptionResponseWrapper } from './subscription-response-wrapper.ts'
import { Instruction, type SubscriptionWrapper } from './subscription-wrapper.ts'

/**
 * Answers a subscription with the right row of its foreign key, as its instruction says. The answer's timestamp is the
 * later of the subscription's and the right row's.
 * @see org.apache.kafka.streams.kstream.internals.foreignkeyjoin.SubscriptionJoinProcessorSupplier
 */
export function subscriptionJoin<KRight, KLeft, VRight>(
  right: ValueGetterSupplier<KRight, VRight>,
): ProcessorSupplier<
  CombinedKey<KRight, KLeft>,
  SubscriptionWrapper<KLeft>,
  KLeft,
  SubscriptionResponseWrapper<VRight>
> {
  return () => new SubscriptionJoinProcessor(right.get())
}

class SubscriptionJoinProcessor<KRight, KLeft, VRight>
  implements
    Processor<CombinedKey<KRight, KLeft>, SubscriptionWrapper<KLeft>, KLeft, SubscriptionResponseWrapper<VRight>>
{
  readonly #right: ValueGetter<KRight, VRight>
  #context!: ProcessorContext<KLeft, SubscriptionResponseWrapper<VRight>>

  constructor(right: ValueGetter<KRight, VRight>) {
    this.#right = right
  }

  init(context: ProcessorContext<KLeft, SubscriptionResponseWrapper<VRight>>): void {
    this.#context = context
    this.#right.init(context)
  }

  process(record: Record<CombinedKey<KRight, KLeft>, SubscriptionWrapper<KLeft>>): void {
    const { foreignKey, primaryKey } = record.key
    const { hash, instruction, primaryPartition } = record.value
    const row = foreignKey === null ? null : this.#right.get(foreignKey)
    if (instruction === Instruction.deleteKeyNoPropagate) return
    if (instruction === Instruction.propagateOnlyIfFkValAvailable && row === null) return
    const isDeletion = instruction === Instruction.deleteKeyAndPropagate
    const foreignValue = isDeletion || row === null ? null : row.value
    const timestamp = row === null ? record.timestamp : Math.max(record.timestamp, row.timestamp)
    const response = { hash, foreignValue, primaryPartition }
    this.#context.forward(record.withKey(primaryKey).withValue(response).withTimestamp(timestamp))
  }

  close(): void {
    this.#right.close?.()
  }
}
