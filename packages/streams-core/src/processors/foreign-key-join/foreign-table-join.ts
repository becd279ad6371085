import type { TimestampedKeyValueStore } from '../../state/state-store.ts'
import type { Change } from '../change.ts'
import { asInternal, type InternalProcessorContext } from '../internal-processor-context.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from '../processor.ts'
import type { Record } from '../record.ts'
import { CombinedKeySchema, type CombinedKeySerdes } from './combined-key.ts'
import type { SubscriptionResponseWrapper } from './subscription-response-wrapper.ts'
import type { SubscriptionWrapper } from './subscription-wrapper.ts'

export interface ForeignTableJoinOptions<KRight, KLeft> extends CombinedKeySerdes<KRight, KLeft> {
  /** The store that {@link subscriptionReceive} fills. */
  readonly storeName: string
  /** The right table is versioned: updates that do not change the newest version are dropped and counted (KIP-914). */
  readonly versionedSemantics?: boolean
}

/**
 * Sends each update of the right table to all left rows that subscribed to it, by primary key bytes, with the update's own
 * timestamp. A null key is dropped and counted.
 * @see org.apache.kafka.streams.kstream.internals.foreignkeyjoin.ForeignTableJoinProcessorSupplier
 */
export function foreignTableJoin<KRight, KLeft, VRight>(
  options: ForeignTableJoinOptions<KRight, KLeft>,
): ProcessorSupplier<KRight, Change<VRight>, KLeft, SubscriptionResponseWrapper<VRight>> {
  return () => new ForeignTableJoinProcessor(options)
}

class ForeignTableJoinProcessor<KRight, KLeft, VRight>
  implements Processor<KRight, Change<VRight>, KLeft, SubscriptionResponseWrapper<VRight>>
{
  readonly #options: ForeignTableJoinOptions<KRight, KLeft>
  readonly #keySchema: CombinedKeySchema<KRight, KLeft>
  #context!: InternalProcessorContext<KLeft, SubscriptionResponseWrapper<VRight>>
  #store!: TimestampedKeyValueStore<Uint8Array, SubscriptionWrapper<KLeft>>

  constructor(options: ForeignTableJoinOptions<KRight, KLeft>) {
    this.#options = options
    this.#keySchema = new CombinedKeySchema(options)
  }

  init(context: ProcessorContext<KLeft, SubscriptionResponseWrapper<VRight>>): void {
    this.#context = asInternal(context)
    this.#store = context.getStateStore(this.#options.storeName)
  }

  process(record: Record<KRight, Change<VRight>>): void {
    const { key, value: change } = record
    if (key === null || (this.#options.versionedSemantics === true && !change.isLatest)) {
      this.#context.recordDropped(key === null ? 'null-key' : 'superseded')
      return
    }
    for (const [combinedKey, { value: subscription }] of this.#store.prefixScan(this.#keySchema.prefix(key))) {
      const { hash, primaryPartition } = subscription
      const response = { hash, foreignValue: change.newValue, primaryPartition }
      this.#context.forward(record.withKey(this.#keySchema.primaryKey(combinedKey)).withValue(response))
    }
  }
}
