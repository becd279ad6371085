import type { Serde } from '@millrace/serdes'
import type { Change } from '../change.ts'
import { asInternal, type InternalProcessorContext } from '../internal-processor-context.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from '../processor.ts'
import type { Record } from '../record.ts'
import { sameBytes } from '../same-key.ts'
import { murmur3 } from './murmur3.ts'
import { Instruction, type SubscriptionWrapper } from './subscription-wrapper.ts'

/** Gives the key of the right row that a left row refers to; null: none. */
export type ForeignKeyExtractor<KLeft, VLeft, KRight> = (value: VLeft, key: KLeft) => KRight | null

export interface SubscriptionSendOptions<KLeft, VLeft, KRight> {
  readonly foreignKeyExtractor: ForeignKeyExtractor<KLeft, VLeft, KRight>
  readonly foreignKeySerde: Serde<KRight>
  /** Name given to the foreign key's serde: `<subscription topic>-fk`. */
  readonly foreignKeyTopic: string
  readonly valueSerde: Serde<VLeft>
  /** Name given to the value's serde for the hash: `<subscription topic>-vh`. */
  readonly valueHashTopic: string
  readonly leftJoin: boolean
  /** The left table is versioned: updates that do not change the newest version are dropped and counted (KIP-914). */
  readonly versionedSemantics?: boolean
}

/**
 * Turns updates of the left table into subscriptions, keyed by foreign key.
 *
 * | left row | inner join | left join |
 * |---|---|---|
 * | new, or changed with the same key | subscribe; answer only if there is a right row | subscribe; always answer |
 * | changed with another key | unsubscribe silently, then subscribe; always answer | the same |
 * | without a foreign key | drop and count; unsubscribe the old one with an answer | subscribe to null; always answer |
 * | deleted | unsubscribe with an answer | unsubscribe silently, then subscribe to null; always answer |
 *
 * @see org.apache.kafka.streams.kstream.internals.foreignkeyjoin.SubscriptionSendProcessorSupplier
 */
export function subscriptionSend<KLeft, VLeft, KRight>(
  options: SubscriptionSendOptions<KLeft, VLeft, KRight>,
): ProcessorSupplier<KLeft, Change<VLeft>, KRight | null, SubscriptionWrapper<KLeft>> {
  return () => new SubscriptionSendProcessor(options)
}

class SubscriptionSendProcessor<KLeft, VLeft, KRight>
  implements Processor<KLeft, Change<VLeft>, KRight | null, SubscriptionWrapper<KLeft>>
{
  readonly #options: SubscriptionSendOptions<KLeft, VLeft, KRight>
  #context!: InternalProcessorContext<KRight | null, SubscriptionWrapper<KLeft>>
  /** The left row's partition when there is no input record (a punctuation). */
  #taskPartition!: number

  constructor(options: SubscriptionSendOptions<KLeft, VLeft, KRight>) {
    this.#options = options
  }

  init(context: ProcessorContext<KRight | null, SubscriptionWrapper<KLeft>>): void {
    this.#context = asInternal(context)
    this.#taskPartition = Number(context.taskId.slice(context.taskId.lastIndexOf('_') + 1))
  }

  process(record: Record<KLeft, Change<VLeft>>): void {
    const { key, value: change } = record
    const { versionedSemantics, leftJoin, foreignKeyExtractor } = this.#options
    if (versionedSemantics === true && !change.isLatest) {
      this.#context.recordDropped('superseded')
      return
    }
    if (change.newValue === null && change.oldValue === null) return
    const oldKey = change.oldValue === null ? null : foreignKeyExtractor(change.oldValue, key)
    const newKey = change.newValue === null ? null : foreignKeyExtractor(change.newValue, key)
    const hash = this.#hash(change.newValue)
    if (leftJoin) this.#leftJoin(record, oldKey, newKey, hash)
    else this.#innerJoin(record, oldKey, newKey, hash)
  }

  #leftJoin(record: Record<KLeft, Change<VLeft>>, oldKey: KRight | null, newKey: KRight | null, hash: Hash): void {
    if (oldKey !== null && this.#changed(oldKey, newKey)) {
      this.#send(record, oldKey, Instruction.deleteKeyNoPropagate, hash)
    }
    this.#send(record, newKey, Instruction.propagateNullIfNoFkValAvailable, hash)
  }

  #innerJoin(record: Record<KLeft, Change<VLeft>>, oldKey: KRight | null, newKey: KRight | null, hash: Hash): void {
    if (newKey === null) {
      if (record.value.newValue !== null) this.#context.recordDropped('null-join-key')
      if (oldKey !== null) this.#send(record, oldKey, Instruction.deleteKeyAndPropagate, hash)
    } else if (oldKey !== null && this.#changed(oldKey, newKey)) {
      this.#send(record, oldKey, Instruction.deleteKeyNoPropagate, hash)
      this.#send(record, newKey, Instruction.propagateNullIfNoFkValAvailable, hash)
    } else this.#send(record, newKey, Instruction.propagateOnlyIfFkValAvailable, hash)
  }

  #send(record: Record<KLeft, Change<VLeft>>, foreignKey: KRight | null, instruction: Instruction, hash: Hash): void {
    const primaryPartition = this.#context.recordMetadata()?.partition ?? this.#taskPartition
    const subscription = { hash, instruction, primaryKey: record.key, primaryPartition }
    this.#context.forward(record.withKey(foreignKey).withValue(subscription))
  }

  #changed(oldKey: KRight, newKey: KRight | null): boolean {
    const { foreignKeySerde, foreignKeyTopic } = this.#options
    return !sameBytes(
      foreignKeySerde.serialize(foreignKeyTopic, oldKey),
      newKey === null ? null : foreignKeySerde.serialize(foreignKeyTopic, newKey),
    )
  }

  #hash(value: VLeft | null): Hash {
    return value === null ? null : murmur3(this.#options.valueSerde.serialize(this.#options.valueHashTopic, value)!)
  }
}

type Hash = Uint8Array | null
