import type { Serde } from '@millrace/serdes'
import type { ValueJoiner } from '../functions.ts'
import { asInternal, type InternalProcessorContext } from '../internal-processor-context.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from '../processor.ts'
import type { Record } from '../record.ts'
import { sameBytes } from '../same-key.ts'
import type { ValueGetter, ValueGetterSupplier } from '../value-getter.ts'
import { murmur3 } from './murmur3.ts'
import type { SubscriptionResponseWrapper } from './subscription-response-wrapper.ts'

export interface ResponseJoinOptions<KLeft, VLeft, VRight, VOut> {
  readonly left: ValueGetterSupplier<KLeft, VLeft>
  readonly valueSerde: Serde<VLeft>
  /** Name given to the value's serde for the hash: `<subscription topic>-vh`. */
  readonly valueHashTopic: string
  /** The right value is null where a left join finds none. */
  readonly joiner: ValueJoiner<KLeft, VLeft, VRight | null, VOut>
  readonly leftJoin: boolean
}

/**
 * Joins an answer with the left row for which it is meant. An answer meant for a value that the left row no longer has is
 * dropped and counted. The result has the answer's timestamp; null: there is no result any more.
 * @see org.apache.kafka.streams.kstream.internals.foreignkeyjoin.ResponseJoinProcessorSupplier
 */
export function responseJoin<KLeft, VLeft, VRight, VOut>(
  options: ResponseJoinOptions<KLeft, VLeft, VRight, VOut>,
): ProcessorSupplier<KLeft, SubscriptionResponseWrapper<VRight>, KLeft, VOut | null> {
  return () => new ResponseJoinProcessor(options)
}

class ResponseJoinProcessor<KLeft, VLeft, VRight, VOut>
  implements Processor<KLeft, SubscriptionResponseWrapper<VRight>, KLeft, VOut | null>
{
  readonly #options: ResponseJoinOptions<KLeft, VLeft, VRight, VOut>
  readonly #left: ValueGetter<KLeft, VLeft>
  #context!: InternalProcessorContext<KLeft, VOut | null>

  constructor(options: ResponseJoinOptions<KLeft, VLeft, VRight, VOut>) {
    this.#options = options
    this.#left = options.left.get()
  }

  init(context: ProcessorContext<KLeft, VOut | null>): void {
    this.#context = asInternal(context)
    this.#left.init(context)
  }

  process(record: Record<KLeft, SubscriptionResponseWrapper<VRight>>): void {
    const { key, value: response } = record
    const { joiner, leftJoin, valueSerde, valueHashTopic } = this.#options
    const row = this.#left.get(key)
    const hash = row === null ? null : murmur3(valueSerde.serialize(valueHashTopic, row.value)!)
    if (!sameBytes(response.hash, hash)) {
      this.#context.recordDropped('superseded')
      return
    }
    const isJoined = row !== null && (leftJoin || response.foreignValue !== null)
    this.#context.forward(record.withValue(isJoined ? joiner(row.value, response.foreignValue, key) : null))
  }

  close(): void {
    this.#left.close?.()
  }
}
