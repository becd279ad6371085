import type { TimestampedKeyValueStore } from '../../state/state-store.ts'
import { asInternal, type InternalProcessorContext } from '../internal-processor-context.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from '../processor.ts'
import type { Record } from '../record.ts'
import { type CombinedKey, CombinedKeySchema, type CombinedKeySerdes } from './combined-key.ts'
import { Instruction, type SubscriptionWrapper } from './subscription-wrapper.ts'

export interface SubscriptionReceiveOptions<KRight, KLeft> extends CombinedKeySerdes<KRight, KLeft> {
  /** A timestamped store of subscriptions by combined key bytes. */
  readonly storeName: string
}

/**
 * Keeps the subscriptions to right rows and hands each on to the join. Those to a null key, of left joins, are not kept.
 * @see org.apache.kafka.streams.kstream.internals.foreignkeyjoin.SubscriptionReceiveProcessorSupplier
 */
export function subscriptionReceive<KRight, KLeft>(
  options: SubscriptionReceiveOptions<KRight, KLeft>,
): ProcessorSupplier<
  KRight | null,
  SubscriptionWrapper<KLeft>,
  CombinedKey<KRight, KLeft>,
  SubscriptionWrapper<KLeft>
> {
  return () => new SubscriptionReceiveProcessor(options)
}

class SubscriptionReceiveProcessor<KRight, KLeft>
  implements
    Processor<KRight | null, SubscriptionWrapper<KLeft>, CombinedKey<KRight, KLeft>, SubscriptionWrapper<KLeft>>
{
  readonly #storeName: string
  readonly #keySchema: CombinedKeySchema<KRight, KLeft>
  #context!: InternalProcessorContext<CombinedKey<KRight, KLeft>, SubscriptionWrapper<KLeft>>
  #store!: TimestampedKeyValueStore<Uint8Array, SubscriptionWrapper<KLeft>>

  constructor(options: SubscriptionReceiveOptions<KRight, KLeft>) {
    this.#storeName = options.storeName
    this.#keySchema = new CombinedKeySchema(options)
  }

  init(context: ProcessorContext<CombinedKey<KRight, KLeft>, SubscriptionWrapper<KLeft>>): void {
    this.#context = asInternal(context)
    this.#store = context.getStateStore(this.#storeName)
  }

  process(record: Record<KRight | null, SubscriptionWrapper<KLeft>>): void {
    const { key: foreignKey, value: subscription } = record
    const { instruction, primaryKey } = subscription
    if (foreignKey !== null) this.#keep(foreignKey, record)
    else if (instruction !== Instruction.propagateNullIfNoFkValAvailable) {
      this.#context.recordDropped('null-join-key')
      return
    }
    this.#context.forward(record.withKey({ foreignKey, primaryKey }))
  }

  #keep(foreignKey: KRight, record: Record<KRight | null, SubscriptionWrapper<KLeft>>): void {
    const { value, timestamp } = record
    const key = this.#keySchema.toBytes(foreignKey, value.primaryKey)
    const isDeletion =
      value.instruction === Instruction.deleteKeyAndPropagate || value.instruction === Instruction.deleteKeyNoPropagate
    if (isDeletion) this.#store.delete(key)
    else this.#store.put(key, { value, timestamp })
  }
}
